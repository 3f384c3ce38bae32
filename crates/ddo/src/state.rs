use crate::Error;

/// The state of an asset, held by its data NFT and set by `setMetaData` and `setMetaDataState`.
///
/// This is the one place that says what a state allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum AssetState {
    /// Found, ordered, listed.
    Active = 0,
    /// Still found, no longer ordered.
    EndOfLife = 1,
    /// Replaced by another asset.
    Deprecated = 2,
    /// Taken back by its publisher.
    Revoked = 3,
    /// Found and listed, not ordered for the time being.
    OrderingDisabled = 4,
    /// Ordered by whoever knows it, not found.
    Unlisted = 5,
}

impl AssetState {
    /// All states, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Active, Self::EndOfLife, Self::Deprecated, Self::Revoked, Self::OrderingDisabled, Self::Unlisted];

    /// Whether a search finds the asset.
    pub const fn discoverable(self) -> bool {
        matches!(self, Self::Active | Self::EndOfLife | Self::OrderingDisabled)
    }

    /// Whether the asset may be ordered and consumed.
    pub const fn orderable(self) -> bool {
        matches!(self, Self::Active | Self::Unlisted)
    }

    /// Whether the asset is listed under its owner's profile.
    pub const fn listed(self) -> bool {
        matches!(self, Self::Active | Self::OrderingDisabled | Self::Unlisted)
    }

    /// Whether a Provider decrypts the asset's document.
    pub const fn decryptable(self) -> bool {
        matches!(self, Self::Active | Self::OrderingDisabled | Self::Unlisted)
    }

    /// A sentence for people who ask why an asset cannot be ordered.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Active => "the asset is active",
            Self::EndOfLife => "the asset has reached its end of life and is no longer sold",
            Self::Deprecated => "the asset was replaced by another one",
            Self::Revoked => "the asset was revoked by its publisher",
            Self::OrderingDisabled => "ordering of the asset is disabled for the time being",
            Self::Unlisted => "the asset is not listed and can be ordered",
        }
    }
}

impl TryFrom<u8> for AssetState {
    type Error = Error;

    fn try_from(state: u8) -> Result<Self, Error> {
        Self::ALL.get(usize::from(state)).copied().ok_or(Error::State(state))
    }
}

impl From<AssetState> for u8 {
    fn from(state: AssetState) -> Self {
        state as Self
    }
}
