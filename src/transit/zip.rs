//! Reads files out of a zip archive: stored or deflated, without encryption, below 4 GiB (APPNOTE 6.3.10, sections 4.3 and 4.4).
//!
//! Feeds come as zip. The crate `zip` would bring a dozen others for writing and for methods that no feed uses.

use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;

/// Largest table (bytes) that is read: the stop times of all of Germany have 2 GB.
const MOST_BYTES: u64 = 4_000_000_000;

const END: u32 = 0x0605_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;

/// An entry of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Name with folders.
    pub name: String,
    method: u16,
    encrypted: bool,
    crc: u32,
    packed: usize,
    size: u64,
    at: usize,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes([pair[0], pair[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let low = u16_at(bytes, at)?;
    let high = u16_at(bytes, at + 2)?;
    Some(u32::from(low) | u32::from(high) << 16)
}

/// Entries of an archive, in its order.
pub fn entries(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let broken = || "the list of its files is broken".to_owned();
    let from = bytes.len().saturating_sub(22 + 65_535);
    let end = (from..=bytes.len().saturating_sub(22))
        .rev()
        .find(|&at| u32_at(bytes, at) == Some(END))
        .ok_or("it is no zip archive, or cut off")?;
    let count = u16_at(bytes, end + 10).ok_or_else(broken)?;
    let mut at = u32_at(bytes, end + 16).ok_or_else(broken)? as usize;
    if count == u16::MAX || at == u32::MAX as usize {
        return Err("it is a zip64 archive; pack it again without zip64".to_owned());
    }
    let mut entries = Vec::new();
    for _ in 0..count {
        let read = || {
            (u32_at(bytes, at)? == CENTRAL).then_some(())?;
            let name_length = u16_at(bytes, at + 28)? as usize;
            let name = bytes.get(at + 46..at + 46 + name_length)?;
            let entry = Entry {
                name: String::from_utf8_lossy(name).into_owned(),
                encrypted: u16_at(bytes, at + 8)? & 1 == 1,
                method: u16_at(bytes, at + 10)?,
                crc: u32_at(bytes, at + 16)?,
                packed: u32_at(bytes, at + 20)? as usize,
                size: u64::from(u32_at(bytes, at + 24)?),
                at: u32_at(bytes, at + 42)? as usize,
            };
            let rest = u16_at(bytes, at + 30)? as usize + u16_at(bytes, at + 32)? as usize;
            Some((entry, at + 46 + name_length + rest))
        };
        let (entry, next) = read().ok_or_else(broken)?;
        entries.push(entry);
        at = next;
    }
    Ok(entries)
}

/// Content of an entry.
pub fn content(bytes: &[u8], entry: &Entry) -> Result<Vec<u8>, String> {
    if entry.encrypted {
        return Err("it is encrypted".to_owned());
    }
    if entry.size > MOST_BYTES {
        return Err(format!(
            "it has {} bytes, more than {MOST_BYTES}",
            entry.size
        ));
    }
    let packed = || {
        (u32_at(bytes, entry.at)? == LOCAL).then_some(())?;
        let names = u16_at(bytes, entry.at + 26)? as usize + u16_at(bytes, entry.at + 28)? as usize;
        let start = entry.at + 30 + names;
        bytes.get(start..start.checked_add(entry.packed)?)
    };
    let packed = packed().ok_or("its place in the archive is broken")?;
    let mut text = Vec::new();
    match entry.method {
        0 => text.extend_from_slice(packed),
        8 => {
            DeflateDecoder::new(packed)
                .take(entry.size + 1)
                .read_to_end(&mut text)
                .map_err(|error| format!("it cannot be unpacked: {error}"))?;
        }
        method => return Err(format!("packing method {method} is not known; use deflate")),
    }
    let mut crc = Crc::new();
    crc.update(&text);
    if text.len() as u64 != entry.size || crc.sum() != entry.crc {
        return Err("its check sum does not fit; the archive is damaged".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use std::io::Write;

    /// An archive of some files, deflated where that is asked for.
    pub(crate) fn archive(files: &[(&str, &str)], deflate: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut central = Vec::new();
        for (name, text) in files {
            let mut crc = Crc::new();
            crc.update(text.as_bytes());
            let packed = if deflate {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(text.as_bytes()).unwrap();
                encoder.finish().unwrap()
            } else {
                text.as_bytes().to_vec()
            };
            let mut facts = Vec::new();
            for number in [20u16, 0, if deflate { 8 } else { 0 }, 0, 0] {
                facts.extend(number.to_le_bytes());
            }
            for number in [crc.sum(), packed.len() as u32, text.len() as u32] {
                facts.extend(number.to_le_bytes());
            }
            facts.extend((name.len() as u16).to_le_bytes());
            facts.extend(0u16.to_le_bytes());
            let at = bytes.len() as u32;
            bytes.extend(LOCAL.to_le_bytes());
            bytes.extend(&facts);
            bytes.extend(name.as_bytes());
            bytes.extend(packed);
            central.extend(CENTRAL.to_le_bytes());
            central.extend(20u16.to_le_bytes());
            central.extend(&facts);
            central.extend([0; 10]);
            central.extend(at.to_le_bytes());
            central.extend(name.as_bytes());
        }
        let at = bytes.len() as u32;
        let count = files.len() as u16;
        bytes.extend(&central);
        bytes.extend(END.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(count.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend((central.len() as u32).to_le_bytes());
        bytes.extend(at.to_le_bytes());
        bytes.extend([0; 2]);
        bytes
    }

    #[test]
    fn stored_and_deflated_files_are_read_and_damage_is_noticed() {
        let text = "stop_id,stop_name\n".repeat(40);
        for deflate in [false, true] {
            let bytes = archive(&[("a/stops.txt", &text), ("b.txt", "")], deflate);
            let list = entries(&bytes).unwrap();
            assert_eq!(list[0].name, "a/stops.txt");
            assert_eq!(content(&bytes, &list[0]).unwrap(), text.as_bytes());
            assert_eq!(content(&bytes, &list[1]).unwrap(), b"");
            let mut damaged = bytes.clone();
            damaged[60] ^= 0xff;
            assert!(content(&damaged, &list[0]).is_err());
            for cut in (0..bytes.len()).step_by(7) {
                // No panic on any beginning of an archive.
                let part = &bytes[..cut];
                for entry in entries(part).iter().flatten() {
                    let _ = content(part, entry);
                }
            }
        }
        assert!(entries(b"").is_err() && entries(b"stop_id,stop_name").is_err());
    }
}
