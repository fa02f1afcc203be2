//! Numbers that belong to the whole picture, in double precision.

/// Red, green and blue, 0..1.
pub type Colour = [f64; 3];

pub const WHITE: Colour = [1.0; 3];
pub const BLACK: Colour = [0.0; 3];

/// `value` held between `low` and `high`.
pub fn clamp(value: f64, low: f64, high: f64) -> f64 {
    value.max(low).min(high)
}

/// The number a share `t` of the way from `a` to `b`.
pub fn mix(a: f64, b: f64, t: f64) -> f64 {
    a + (b - a) * t
}

/// Cubic rise from 0 at `low` to 1 at `high`.
pub fn step(low: f64, high: f64, value: f64) -> f64 {
    let t = clamp((value - low) / (high - low), 0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Sine of `turns` full circles, by a polynomial (error below 2e-4).
pub fn sine(turns: f64) -> f64 {
    let t = turns - (turns + 0.25).floor(); // -1/4 .. 3/4
    let t = if t > 0.25 { 0.5 - t } else { t }; // the second half mirrors the first
    let x = t * std::f64::consts::TAU;
    let q = x * x;
    x * (1.0 - q * (1.0 / 6.0 - q * (1.0 / 120.0 - q / 5040.0)))
}

/// Share of a standard normal law below `x`, rational formula 7.1.27 of Abramowitz and Stegun (error < 3e-4).
pub fn bell_share(x: f64) -> f64 {
    let a = x.abs() / 2_f64.sqrt();
    let d = 1.0 + a * (0.278393 + a * (0.230389 + a * (0.000972 + a * 0.078108)));
    let d = d * d;
    let tail = 0.5 / (d * d);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Colour from hue (turns), saturation and lightness, the latter two held in 0..1.
pub fn hsl(hue: f64, saturation: f64, lightness: f64) -> Colour {
    let (s, light) = (clamp(saturation, 0.0, 1.0), clamp(lightness, 0.0, 1.0));
    let reach = s * light.min(1.0 - light);
    [0.0, 8.0, 4.0].map(|n: f64| {
        let k = n + 12.0 * hue;
        let k = k - 12.0 * (k / 12.0).floor();
        light - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

/// Colour a share `t` of the way from `a` to `b`.
pub fn blend(a: Colour, b: Colour, t: f64) -> Colour {
    std::array::from_fn(|i| mix(a[i], b[i], t))
}

/// The colour moved towards white (positive amount) or black (negative).
pub fn tint(colour: Colour, amount: f64) -> Colour {
    blend(colour, if amount > 0.0 { WHITE } else { BLACK }, amount.abs())
}

/// The number `index` of a stream of fixed pseudo-random ones in [0, 1): an avalanche hash of integers (`lowbias32`).
pub fn chance(stream: u32, index: usize) -> f32 {
    let v = (index as u32).wrapping_add(stream.wrapping_mul(0x9e37_79b1));
    let v = (v ^ (v >> 16)).wrapping_mul(0x7feb_352d);
    let v = (v ^ (v >> 15)).wrapping_mul(0x846c_a68b);
    ((v ^ (v >> 16)) >> 8) as f32 * (1.0 / 16_777_216.0)
}
