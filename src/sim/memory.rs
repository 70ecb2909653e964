//! How much memory the machine has free.

use std::path::Path;

/// Free memory (bytes): what the system can give without swapping, or less where a control group caps it. `None` where the
/// system does not say.
pub fn free_memory_bytes() -> Option<u64> {
    let info = std::fs::read_to_string("/proc/meminfo").ok()?;
    let free = available_bytes(&info)?;
    let group = Path::new("/sys/fs/cgroup");
    let number = |name: &str| -> Option<u64> {
        std::fs::read_to_string(group.join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    let left = number("memory.max")
        .zip(number("memory.current"))
        .map(|(max, used)| max.saturating_sub(used));
    Some(left.map_or(free, |left| free.min(left)))
}

fn available_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// Largest memory (bytes) this process has used so far.
pub fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// Processor time (s) that this process has used so far.
pub fn cpu_time_s() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Fields 14 and 15 after the name in brackets (proc(5)), in ticks of which Linux counts 100 per second for programs.
    let after_name = &stat[stat.rfind(')')? + 2..];
    let mut fields = after_name.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_read_in_kib() {
        let text = "MemTotal:       8000000 kB\nMemFree:  10 kB\nMemAvailable:    6000000 kB\n";
        assert_eq!(available_bytes(text), Some(6_000_000 * 1024));
        assert_eq!(available_bytes("MemTotal: 5 kB"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_process_uses_memory_and_time() {
        let peak = peak_memory_bytes().unwrap();
        assert!((1 << 20..1 << 40).contains(&peak), "{peak}");
        assert!(free_memory_bytes().unwrap() > 1 << 20);
        let before = cpu_time_s().unwrap();
        let mut x = 1.0_f64;
        while cpu_time_s().unwrap() < before + 0.02 {
            x = (0..10_000).fold(x, |x, i| (x + f64::from(i)).sqrt());
        }
        assert!(x.is_finite());
    }
}
