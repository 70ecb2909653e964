//! One layout for all fields of tier 2, with edge cells, so that every loop runs over plain rows and neighbours are fixed offsets.
//!
//! Cells and the faces on their western, southern and lower side share an index. A row has two edge cells in the west and three in
//! the east (faces and what a second-order scheme looks at), a layer has one edge row in the south and one in the north, and the faces
//! of the top lie in one more layer.

use super::super::grid::WindGrid;

/// Edge cells west of the first one.
const WEST: usize = 2;
/// Edge cells east of the last one.
const EAST: usize = 3;

/// Places in padded fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    /// Cells along x, y and z.
    pub(super) cells: [usize; 3],
    /// Length of a row.
    pub(super) row: usize,
    /// Length of a layer.
    pub(super) layer: usize,
}

/// Offsets to the neighbours along one axis: two before, one before, one after, two after.
pub(super) type Offsets = [isize; 4];

impl Layout {
    pub(super) fn new(grid: &WindGrid) -> Self {
        let [nx, ny, _] = grid.cells;
        let row = nx + WEST + EAST;
        Self {
            cells: grid.cells,
            row,
            layer: row * (ny + 2),
        }
    }

    /// Length of a field.
    pub(super) fn len(&self) -> usize {
        self.layer * (self.cells[2] + 1)
    }

    /// A field of one value.
    pub(super) fn field(&self, value: f32) -> Vec<f32> {
        vec![value; self.len()]
    }

    /// Place of a cell; `i` and `j` count from the first inner cell and may be -1.
    pub(super) fn at(&self, i: isize, j: isize, k: usize) -> usize {
        let row = (k * (self.cells[1] + 2)) as isize + j + 1;
        (row * self.row as isize + i + WEST as isize) as usize
    }

    /// Row and layer (from -1 in the south) of a row of the field.
    pub(super) fn row_of(&self, number: usize) -> (isize, usize) {
        let rows = self.cells[1] + 2;
        ((number % rows) as isize - 1, number / rows)
    }

    /// Steps along x, y and z.
    pub(super) fn strides(&self) -> [isize; 3] {
        [1, self.row as isize, self.layer as isize]
    }

    /// Offsets along an axis from a row; those that lead out of the field lead to the last row or layer inside.
    pub(super) fn offsets(&self, axis: usize, j: isize, k: usize) -> Offsets {
        let (here, first, last) = match axis {
            0 => return [-2, -1, 1, 2],
            1 => (j, -1, self.cells[1] as isize),
            _ => (k as isize, 0, self.cells[2] as isize),
        };
        let stride = self.strides()[axis];
        [-2, -1, 1, 2].map(|n| ((here + n).clamp(first, last) - here) * stride)
    }

    /// Index range in a row, from cell 0, of `n` values.
    pub(super) fn inner(n: usize) -> std::ops::Range<usize> {
        WEST..WEST + n
    }
}

/// `n` values from a place with an offset.
#[inline(always)]
pub(super) fn from(field: &[f32], at: usize, offset: isize, n: usize) -> &[f32] {
    &field[at.wrapping_add_signed(offset)..][..n]
}
