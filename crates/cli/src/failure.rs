//! Why a command could not be carried out.

use crate::place::Position;

/// Input that cannot be used: exit code 2.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What was read, as people name it.
    pub(crate) input: Option<String>,
    /// Where in the input it goes wrong.
    pub(crate) at: Option<Position>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { input: None, at: None, message: message.into(), hint: None }
    }

    pub(crate) fn of(mut self, input: impl Into<String>) -> Self {
        self.input = Some(input.into());
        self
    }

    pub(crate) fn at(mut self, position: Position) -> Self {
        self.at = Some(position);
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What a command that was carried out found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Valid, the same, done: exit code 0.
    Good,
    /// Invalid or different: exit code 1.
    Bad,
}

impl Outcome {
    pub(crate) fn when(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }
}

/// Result of a command.
pub(crate) type Result<T = Outcome, E = Failure> = std::result::Result<T, E>;
