//! Where the log goes: to stderr when somebody asks for it, else into a bounded memory that is shown when something fails.

use std::{
    collections::VecDeque,
    io,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::EnvFilter;

/// How many lines are kept.
const LINES: usize = 400;

static LAST: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The last lines of the log, oldest first.
pub(crate) fn kept() -> String {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).iter().map(String::as_str).collect()
}

struct Keep;

/// One event is written at once, and is one line.
impl io::Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends the log to stderr if `RUST_LOG` asks for one, and keeps it otherwise.
pub(crate) fn start() {
    match EnvFilter::try_from_default_env() {
        Ok(filter) => tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init(),
        Err(_) => {
            let filter = EnvFilter::new("warn,ocean_provider=info,ocean_aquarius=info,ocean_node=info");
            tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Keep).init();
        }
    }
}
