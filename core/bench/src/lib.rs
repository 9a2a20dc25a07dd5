//! What the benchmarks share: ratios of runs that alternate, with the interval of their median. The
//! machine's mood changes from second to second; two runs side by side share it.

/// A median with the interval in which it lies with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// The median.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl std::fmt::Display for Median {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(3);
        write!(f, "{:.digits$} [{:.digits$}, {:.digits$}]", self.value, self.low, self.high)
    }
}

/// The median of samples and its interval by order statistics, which assumes nothing of their shape.
///
/// # Panics
///
/// Without samples.
#[must_use]
pub fn median(samples: &[f64]) -> Median {
    assert!(!samples.is_empty(), "no samples");
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len();
    // Ranks n/2 -+ 1.96 sqrt(n)/2 bound the median of the distribution.
    let spread = ((1.96 * (count as f64).sqrt() / 2.0).ceil() as usize).min(count / 2);
    let middle = count / 2;
    let value = if count % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) };
    Median { value, low: sorted[middle - spread], high: sorted[(middle + spread).min(count - 1)] }
}

/// The median of the ratios of samples that were taken in turn.
///
/// # Panics
///
/// When the two are not pairs.
#[must_use]
pub fn ratio(of: &[f64], to: &[f64]) -> Median {
    assert_eq!(of.len(), to.len(), "samples come in pairs");
    median(&of.iter().zip(to).map(|(of, to)| of / to).collect::<Vec<_>>())
}

/// How many contacts a benchmark's database has: 200,000, unless `GARANT_BENCH_CONTACTS` says otherwise.
#[must_use]
pub fn contacts() -> u32 {
    std::env::var("GARANT_BENCH_CONTACTS").ok().and_then(|number| number.parse().ok()).unwrap_or(200_000)
}

/// Runs a benchmark on `sqlite` and on `postgres`, or on those that the command line names.
///
/// # Panics
///
/// When no runtime can be had.
pub fn on_named_databases<F: Future<Output = ()>>(run: impl Fn(&'static str) -> F) {
    // `cargo bench` passes `--bench`; anything else names a database.
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for name in ["sqlite", "postgres"] {
        if named.is_empty() || named.iter().any(|argument| argument == name) {
            runtime.block_on(run(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_lies_in_its_interval() {
        let samples: Vec<f64> = (1..=101).rev().map(f64::from).collect();
        assert_eq!(median(&samples), Median { value: 51.0, low: 41.0, high: 61.0 });
        assert_eq!(median(&[3.0]), Median { value: 3.0, low: 3.0, high: 3.0 });
        assert_eq!(median(&[1.0, 2.0]).value, 1.5);
    }

    #[test]
    fn a_drift_that_both_share_cancels_out() {
        let drift: Vec<f64> = (1..50).map(f64::from).collect();
        let doubled: Vec<f64> = drift.iter().map(|sample| sample * 2.0).collect();
        assert_eq!(ratio(&doubled, &drift), Median { value: 2.0, low: 2.0, high: 2.0 });
    }
}
