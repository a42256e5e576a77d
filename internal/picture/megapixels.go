package picture

// Megapixels is the most that a picture kept whole may have, in millions of pixels.
const Megapixels = maxPixels / 1_000_000
