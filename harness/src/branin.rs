//! A real data file: the Branin function on a grid, as CSV.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use sha2::{Digest as _, Sha256};

use ocean_primitives::B256;

use crate::{Error, Result};

/// What was written by [`write_branin_csv`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BraninGrid {
    /// The size of the file in bytes.
    pub bytes: u64,
    /// The number of data rows, without the header.
    pub rows: u64,
    /// The SHA-256 of the file.
    pub sha256: B256,
}

/// Writes rows `x0,x1,branin` until the file has at least `min_bytes`; the same seed and size give the same file.
///
/// The points lie on a square grid over the usual domain, x0 in [-5, 10] and x1 in [0, 15], each moved inside its cell by the seeded generator.
///
/// # Errors
/// When the file cannot be written.
pub fn write_branin_csv(path: &Path, seed: u64, min_bytes: u64) -> Result<BraninGrid> {
    let file = File::create(path).map_err(Error::io("creating", path))?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let mut hash = Sha256::new();
    let mut random = StdRng::seed_from_u64(seed);
    // A row has 33 bytes or a few more, so this side gives a little more than the wanted size.
    let side = ((min_bytes / 32 + 1) as f64).sqrt().ceil() as u64;
    let mut grid = BraninGrid { bytes: 0, rows: 0, sha256: B256::ZERO };
    let mut line = String::from("x0,x1,branin\n");
    let mut cell = 0;
    loop {
        hash.update(line.as_bytes());
        out.write_all(line.as_bytes()).map_err(Error::io("writing", path))?;
        grid.bytes += line.len() as u64;
        if grid.bytes >= min_bytes {
            break;
        }
        let (column, row) = (cell % side, (cell / side) % side);
        let x0 = -5.0 + 15.0 * (column as f64 + random.gen_range(0.0..1.0)) / side as f64;
        let x1 = 15.0 * (row as f64 + random.gen_range(0.0..1.0)) / side as f64;
        line = format!("{x0:.8},{x1:.8},{:.10}\n", branin(x0, x1));
        grid.rows += 1;
        cell += 1;
    }
    out.flush().map_err(Error::io("writing", path))?;
    grid.sha256 = B256::from_slice(&hash.finalize());
    Ok(grid)
}

/// The Branin function with its usual constants; its three minima have the value 0.397887.
fn branin(x0: f64, x1: f64) -> f64 {
    use std::f64::consts::PI;
    let b = 5.1 / (4.0 * PI * PI);
    let c = 5.0 / PI;
    let t = 1.0 / (8.0 * PI);
    (x1 - b * x0 * x0 + c * x0 - 6.0).powi(2) + 10.0 * (1.0 - t) * x0.cos() + 10.0
}
