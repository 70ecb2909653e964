//! A run as bytes, to go on later: the same bytes of results as if it had never stopped.

use super::real::Real;
use super::solver::{Restored, SolverOf};
use super::tile::Water;

/// Begin of a checkpoint: name and version of the layout.
const MAGIC: &[u8; 8] = b"PLSPWTR5";

/// Why a checkpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// No checkpoint, or of another version.
    #[error("this is not a checkpoint of this version")]
    Foreign,
    /// Of another grid, city or scenario.
    #[error("the checkpoint belongs to another run: city, scenario or settings differ")]
    OtherRun,
    /// Cut short or damaged.
    #[error("the checkpoint is damaged or incomplete")]
    Damaged,
}

impl<T: Real> SolverOf<T> {
    /// The state of the run. `identity` is a hash of everything the run is made from; [`SolverOf::restore`] asks for it again.
    pub fn checkpoint(&self, identity: &[u8; 32]) -> Vec<u8> {
        let parts = self.parts();
        let mut out = Vec::with_capacity(parts.now.w.len() * 60);
        out.extend(MAGIC);
        out.extend(identity);
        parts
            .numbers
            .iter()
            .for_each(|x| out.extend(x.to_le_bytes()));
        parts
            .counts
            .iter()
            .for_each(|x| out.extend(x.to_le_bytes()));
        out.extend((parts.outs.len() as u64).to_le_bytes());
        for (speed, wet, rims) in &parts.outs {
            out.extend(speed.to_le_bytes());
            out.push(u8::from(*wet));
            out.extend(rims.map(u8::from));
        }
        let book = parts.book.numbers();
        out.extend((book.len() as u64).to_le_bytes());
        book.iter().for_each(|x| out.extend(x.to_le_bytes()));
        out.extend((parts.now.w.len() as u64).to_le_bytes());
        parts.now.w.iter().for_each(|x| out.extend(x.to_le_bytes()));
        for values in [&parts.now.u, &parts.now.v] {
            // f64 holds f32 exactly, so one layout serves both.
            values
                .iter()
                .for_each(|x| out.extend(x.f64().to_le_bytes()));
        }
        out.extend((parts.infiltrated.len() as u64).to_le_bytes());
        parts
            .infiltrated
            .iter()
            .for_each(|x| out.extend(x.to_le_bytes()));
        out.extend(parts.peaks.bytes());
        let sum = blake3::hash(&out);
        out.extend(sum.as_bytes());
        out
    }

    /// Goes back to a checkpoint of a run with the same domain, forcing, options and `identity`.
    pub fn restore(&mut self, bytes: &[u8], identity: &[u8; 32]) -> Result<(), CheckpointError> {
        let damaged = CheckpointError::Damaged;
        if !bytes.starts_with(MAGIC) {
            return Err(CheckpointError::Foreign);
        }
        let body = bytes.len().checked_sub(32).ok_or(damaged.clone())?;
        if blake3::hash(&bytes[..body]).as_bytes() != &bytes[body..] {
            return Err(damaged);
        }
        let mut reader = Reader(&bytes[MAGIC.len()..body]);
        if reader.array::<32>()? != *identity {
            return Err(CheckpointError::OtherRun);
        }
        let numbers = [reader.f64()?, reader.f64()?];
        let counts = [reader.u64()?, reader.u64()?, reader.u64()?];
        let (tiles, book_len, cells, infiltrated_len, peak_bytes) = {
            let parts = self.parts();
            (
                parts.outs.len(),
                parts.book.numbers().len(),
                parts.now.w.len(),
                parts.infiltrated.len(),
                parts.peaks.byte_count(),
            )
        };
        if reader.u64()? != tiles as u64 {
            return Err(CheckpointError::OtherRun);
        }
        let outs = (0..tiles)
            .map(|_| {
                let speed = reader.f64()?;
                let [wet, rims @ ..] = reader.array::<5>()?.map(|byte| byte != 0);
                Ok((speed, wet, rims))
            })
            .collect::<Result<_, CheckpointError>>()?;
        if reader.u64()? != book_len as u64 {
            return Err(CheckpointError::OtherRun);
        }
        let book: Vec<i128> = (0..book_len)
            .map(|_| Ok(i128::from_le_bytes(reader.array()?)))
            .collect::<Result<_, CheckpointError>>()?;
        let book = self
            .parts()
            .book
            .with_numbers(&book)
            .ok_or(CheckpointError::OtherRun)?;
        if reader.u64()? != cells as u64 {
            return Err(CheckpointError::OtherRun);
        }
        let mut column =
            || -> Result<Vec<f64>, CheckpointError> { (0..cells).map(|_| reader.f64()).collect() };
        let w = column()?;
        let u = column()?.into_iter().map(T::of).collect();
        let v = column()?.into_iter().map(T::of).collect();
        if reader.u64()? != infiltrated_len as u64 {
            return Err(CheckpointError::OtherRun);
        }
        let infiltrated = (0..infiltrated_len)
            .map(|_| Ok(f32::from_le_bytes(reader.array()?)))
            .collect::<Result<_, CheckpointError>>()?;
        let peaks = reader.0.to_vec();
        if peaks.len() != peak_bytes {
            return Err(damaged);
        }
        self.set_parts(Restored {
            now: Water { w, u, v },
            infiltrated,
            numbers,
            counts,
            outs,
            book,
            peaks,
        });
        Ok(())
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], CheckpointError> {
        let (head, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(CheckpointError::Damaged)?;
        self.0 = rest;
        Ok(*head)
    }

    fn f64(&mut self) -> Result<f64, CheckpointError> {
        self.array().map(f64::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, CheckpointError> {
        self.array().map(u64::from_le_bytes)
    }
}
