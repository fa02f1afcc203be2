//! Small changes of inputs, from a seed.

/// splitmix64.
pub struct Random(u64);

impl Random {
    /// The stream of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    /// Below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// Lengths that mean something: bytes, integers, scalars, points, a pair of points.
const LENGTHS: [usize; 7] = [1, 2, 4, 8, 32, 33, 66];

/// One of the inputs with one to four changes.
pub fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut data = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(data.len() + 1);
        let length = LENGTHS[random.below(LENGTHS.len())];
        let end = data.len().min(at + length);
        match random.below(7) {
            0 if at < data.len() => data[at] ^= 1 << random.below(8),
            1 => data[at..end].iter_mut().for_each(|byte| *byte = random.next() as u8),
            2 => data[at..end].fill([0, 1, 0x7f, 0x80, 0xff][random.below(5)]),
            3 => drop(data.drain(at..end)),
            4 => drop(data.splice(at..at, (0..length).map(|_| random.next() as u8).collect::<Vec<_>>())),
            5 => {
                // a piece of another input, in place of what stands here
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                let piece = other[from..other.len().min(from + length)].to_vec();
                drop(data.splice(at..end, piece));
            }
            _ => {
                // two pieces change places
                let to = random.below(data.len() + 1);
                for i in 0..length.min(data.len() - at.max(to)) {
                    data.swap(at + i, to + i);
                }
            }
        }
    }
    data
}
