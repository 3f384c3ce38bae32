//! Which field of a shape a name may be, by one look at the name.

use crate::validate::table::Field;

/// The most fields of a shape.
pub(crate) const MOST: usize = 16;

/// Where the fields of a shape stand, each in a place of its own that its name leads to.
#[derive(Debug)]
pub(crate) struct Names {
    factor: u32,
    places: [u8; PLACES],
}

const PLACES: usize = 64;

impl Names {
    /// Looks for a factor that no two names collide with; without one the workspace does not compile.
    pub(crate) const fn of(fields: &[Field]) -> Self {
        assert!(fields.len() <= MOST, "a shape has more fields than a check has room for");
        // The golden ratio spreads well; if it does not, a neighbour does.
        let mut factor: u32 = 0x9e37_79b1;
        loop {
            if let Some(places) = distribute(fields, factor) {
                return Self { factor, places };
            }
            factor = factor.wrapping_add(2);
            assert!(factor < 0x9e38_0000, "the names of a shape are too alike");
        }
    }

    /// The one field that may have this name.
    pub(crate) fn guess(&self, name: &str) -> usize {
        usize::from(self.places[place(name.as_bytes(), self.factor)])
    }
}

const fn distribute(fields: &[Field], factor: u32) -> Option<[u8; PLACES]> {
    let mut places = [u8::MAX; PLACES];
    let mut index = 0;
    while index < fields.len() {
        let place = place(fields[index].name.as_bytes(), factor);
        if places[place] != u8::MAX {
            return None;
        }
        places[place] = index as u8;
        index += 1;
    }
    Some(places)
}

/// The length, the first letter and the last one tell the names of every shape apart.
const fn place(name: &[u8], factor: u32) -> usize {
    let (first, last) = match name {
        [first, .., last] => (*first, *last),
        _ => return 0,
    };
    let letters = (name.len() as u32 & 0xff) << 16 | (first as u32) << 8 | last as u32;
    (letters.wrapping_mul(factor) >> (u32::BITS - PLACES.ilog2())) as usize
}
