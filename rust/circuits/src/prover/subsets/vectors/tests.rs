//! What every arithmetic must do, beside the field.

/// `agrees`: products of a and b, which may be anything that products take, and all operations on c and d, which are reduced.
macro_rules! agrees {
    ($features:literal) => {
        #[target_feature(enable = $features)]
        fn agrees([x, y, u, v]: [[Base; 8]; 4], a: Lanes, b: Lanes, c: Lanes, d: Lanes, negative: u8) {
            let each = |f: &dyn Fn(usize) -> Base| -> [Base; 8] { std::array::from_fn(f) };
            let sign = |i: usize| if negative >> i & 1 == 1 { -u[i] } else { u[i] };
            // what is not reduced cannot be unpacked: times 1 it is reduced
            let one = Lanes::one();
            assert_eq!(a.times(b).unpack(), each(&|i| x[i] * y[i]));
            assert_eq!(a.squared().unpack(), each(&|i| x[i].square()));
            assert_eq!(a.times_minus(b, c).unpack(), each(&|i| x[i] * y[i] - u[i]));
            assert_eq!(a.squared_minus(c, d).unpack(), each(&|i| x[i].square() - u[i].double() - v[i]));
            assert_eq!(a.squared_minus(c, d.minus(c)).unpack(), each(&|i| x[i].square() - u[i] - v[i]));
            assert_eq!(c.minus(d).times(one).unpack(), each(&|i| u[i] - v[i]));
            assert_eq!(c.signed_minus(negative, d).times(one).unpack(), each(&|i| sign(i) - v[i]));
            assert_eq!(c.signed(negative).unpack(), each(&sign));
            assert_eq!(c.doubled().times(one).unpack(), each(&|i| u[i].double()));
            assert_eq!(c.tripled().times(one).unpack(), each(&|i| u[i].double() + u[i]));
            assert_eq!(c.unpack(), u);
            assert_eq!(Lanes::pack(u).unpack(), u);
            // what comes out of a product is reduced and goes in anywhere
            let (product, square) = (a.times(b), b.squared());
            assert_eq!(product.minus(square).times(one).unpack(), each(&|i| x[i] * y[i] - y[i].square()));
            // table entries, picked again, perhaps with a sign
            let at = [3, 1, 4, 1, 5, 0, 2, 6];
            let table = entries(product, c);
            let (px, py) = (pick_x(&table, &at), pick_y(&table, &at));
            let at = at.map(|at| at as usize);
            assert_eq!(px.signed(0).unpack(), each(&|i| x[at[i]] * y[at[i]]));
            assert_eq!(px.minus(d).times(one).unpack(), each(&|i| x[at[i]] * y[at[i]] - v[i]));
            let sign = |i: usize| if negative >> i & 1 == 1 { -u[at[i]] } else { u[at[i]] };
            assert_eq!(py.signed(negative).unpack(), each(&sign));
            assert_eq!(py.signed_minus(negative, d).times(one).unpack(), each(&|i| sign(i) - v[i]));
        }
    };
}
pub(super) use agrees;
