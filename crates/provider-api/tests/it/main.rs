//! Wire types of both dialects against recorded texts.

mod discovery;
mod download;
mod error;
mod file_info;
mod initialize;
mod request;
mod signed;
