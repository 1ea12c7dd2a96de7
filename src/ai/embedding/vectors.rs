//! Vectors in eight bits: a quarter of the memory, and the ranking does not notice.

use super::DIMENSIONS;

/// Direction of a text, of length one before it was rounded.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector {
    scale: f32,
    values: [i8; DIMENSIONS],
}

impl Vector {
    /// Of any length; only the direction is kept. Nothing in, nothing out: such a vector is like no other.
    pub fn new(values: &[f32; DIMENSIONS]) -> Self {
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        if !length.is_normal() || !largest.is_normal() {
            return Self { scale: 0.0, values: [0; DIMENSIONS] };
        }
        let step = 127.0 / largest;
        Self { scale: largest / (127.0 * length), values: values.map(|value| (value * step).round() as i8) }
    }

    /// Cosine of the angle between the two.
    pub fn likeness(&self, other: &Self) -> f32 {
        dot(&self.values, &other.values) as f32 * self.scale * other.scale
    }

    pub(super) fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..4].copy_from_slice(&self.scale.to_le_bytes());
        bytes[4..].iter_mut().zip(self.values).for_each(|(byte, value)| *byte = value as u8);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let [a, b, c, d, ..] = *bytes;
        let mut values = [0; DIMENSIONS];
        values.iter_mut().zip(&bytes[4..]).for_each(|(value, byte)| *value = *byte as i8);
        Self { scale: f32::from_le_bytes([a, b, c, d]), values }
    }

    pub(super) const BYTES: usize = 4 + DIMENSIONS;
}

/// Many vectors, in one piece of memory.
#[derive(Debug, Default)]
pub struct Vectors {
    scales: Vec<f32>,
    values: Vec<i8>,
}

impl Vectors {
    pub fn push(&mut self, vector: &Vector) {
        self.scales.push(vector.scale);
        self.values.extend_from_slice(&vector.values);
    }

    /// Gives back the spare room left from growing.
    pub fn shrink(&mut self) {
        self.scales.shrink_to_fit();
        self.values.shrink_to_fit();
    }

    pub fn len(&self) -> usize {
        self.scales.len()
    }

    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// Likeness of `vector` to each, in order.
    pub fn likenesses(&self, vector: &Vector) -> impl Iterator<Item = f32> {
        let rows = self.values.as_chunks::<DIMENSIONS>().0;
        rows.iter().zip(&self.scales).map(|(row, scale)| dot(row, &vector.values) as f32 * scale * vector.scale)
    }
}

fn dot(a: &[i8; DIMENSIONS], b: &[i8; DIMENSIONS]) -> i32 {
    a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vector(seed: u64) -> [f32; DIMENSIONS] {
        std::array::from_fn(|at| ((seed + 1) as f32 * 0.37 + at as f32 * (1.0 + seed as f32 * 0.11)).sin())
    }

    #[test]
    fn rounding_hardly_moves_the_likeness() {
        for (a, b) in [(1, 2), (3, 9), (4, 4)] {
            let (a, b) = (vector(a), vector(b));
            let dot: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            let length = |v: &[f32]| v.iter().map(|v| v * v).sum::<f32>().sqrt();
            let exact = dot / (length(&a) * length(&b));
            assert!((Vector::new(&a).likeness(&Vector::new(&b)) - exact).abs() < 0.01);
        }
    }

    #[test]
    fn many_compare_as_one_does() {
        let all: Vec<Vector> = (0..5).map(|seed| Vector::new(&vector(seed))).collect();
        let mut vectors = Vectors::default();
        all.iter().for_each(|vector| vectors.push(vector));
        let together: Vec<f32> = vectors.likenesses(&all[2]).collect();
        assert_eq!(together, all.iter().map(|one| one.likeness(&all[2])).collect::<Vec<_>>());
        assert_eq!((vectors.len(), vectors.is_empty()), (5, false));
    }

    #[test]
    fn nothing_is_like_nothing() {
        for value in [0.0, f32::NAN, f32::INFINITY] {
            let none = Vector::new(&[value; DIMENSIONS]);
            assert_eq!(none.likeness(&Vector::new(&vector(1))), 0.0);
        }
    }

    proptest! {
        #[test]
        fn bytes_give_the_vector_back(seed in 0_u64..1_000) {
            let vector = Vector::new(&vector(seed));
            prop_assert_eq!(Vector::from_bytes(&vector.to_bytes()), vector);
        }
    }
}
