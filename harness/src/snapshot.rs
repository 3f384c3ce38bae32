//! The deployed chain as a file, so that the second start does not deploy.
