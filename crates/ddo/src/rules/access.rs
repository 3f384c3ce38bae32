use std::fmt;

use ocean_primitives::{Address, Dialect};

use crate::{Access, AccessList, Ddo, Denial, Service};

/// Whose credentials refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// Those of the whole asset.
    Asset,
    /// Those of the service alone.
    Service,
}

/// Why an address may not use a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessRefusal {
    /// Whose credentials refuse.
    pub level: Level,
    /// Which list refuses.
    pub denial: Denial,
}

impl AccessRefusal {
    /// The Python Provider's code.
    pub const fn code(&self) -> &'static str {
        self.denial.code()
    }
}

impl fmt::Display for AccessRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Asset => "asset",
            Level::Service => "service",
        };
        match self.denial {
            Denial::InDenyList => write!(f, "the {level}'s credentials deny this address"),
            Denial::NotInAllowList => write!(f, "the {level}'s credentials allow others, and not this address"),
        }
    }
}

impl std::error::Error for AccessRefusal {}

/// Whether `address` may use `service` of `ddo`; `is_member` answers for access lists.
///
/// Both levels must admit the address, in both dialects, and a deny list of either level is named before an allow list of the other:
/// whoever is denied is told so. What one entry means differs by dialect, see [`Credentials::check`](crate::Credentials::check):
///
/// - [`Dialect::Provider`] lets one matching entry decide and looks at addresses. The Python Provider asks the asset level only, and its
///   allow list wins over its deny list. Both would let in whom the publisher excluded, so neither is followed.
/// - [`Dialect::OceanNode`] counts entries by `match_allow` (default all) and `match_deny` (default any).
///
/// # Errors
/// Which level refuses, and which of its lists.
pub fn may_access(
    ddo: &Ddo,
    service: &Service,
    address: Address,
    dialect: Dialect,
    is_member: impl Fn(&AccessList) -> bool,
) -> Result<(), AccessRefusal> {
    let levels = [(Level::Asset, &ddo.credentials), (Level::Service, &service.credentials)];
    let answers = levels.map(|(level, credentials)| {
        let access =
            credentials.as_ref().map_or(Access::Allowed, |credentials| credentials.check(address, dialect, &is_member));
        (level, access)
    });
    for wanted in [Denial::InDenyList, Denial::NotInAllowList] {
        for (level, access) in answers {
            if access == Access::Denied(wanted) {
                return Err(AccessRefusal { level, denial: wanted });
            }
        }
    }
    Ok(())
}
