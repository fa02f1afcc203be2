//! One layer of a model, plain: what a canonical form is made of.

/// The tensors of one layer, weights as `out x in`. `S` is a [`super::Source`], or what one can be made of.
pub struct RawLayer<S> {
    /// Its number in the model, for messages.
    pub number: u32,
    /// Whether norms take the mean away (LayerNorm).
    pub layer_norm: bool,
    /// Query, `h e x d`.
    pub q: S,
    /// Key, `g e x d`.
    pub k: S,
    /// Value, `g e x d`.
    pub v: S,
    /// Output, `d x h e`.
    pub o: S,
    /// Up, `f x d`; one for each expert.
    pub up: Vec<S>,
    /// Down, `d x f`; one for each expert.
    pub down: Vec<S>,
    /// The weights of its norms.
    pub norms: Norms,
}

/// Weights of norms, where there are such norms.
#[derive(Clone, Default)]
pub struct Norms {
    /// Of the norm that q, k, v read through.
    pub attention_norm: Option<Vec<f64>>,
    /// Of the norm that up reads through.
    pub ffn_norm: Option<Vec<f64>>,
    /// Of a norm behind o.
    pub attention_out_norm: Option<Vec<f64>>,
    /// Of a norm behind down.
    pub ffn_out_norm: Option<Vec<f64>>,
    /// Of the norm on queries: e values (each head its own norm) or h e (one norm over all).
    pub q_norm: Option<Vec<f64>>,
    /// Of the norm on keys.
    pub k_norm: Option<Vec<f64>>,
}

impl<S> RawLayer<S> {
    /// The layer of that number whose parts are given by name: the single matrices, those of the experts, the norms.
    ///
    /// # Errors
    /// The first error of a part.
    pub fn of<E>(
        number: u32,
        layer_norm: bool,
        one: impl Fn(&'static str) -> Result<S, E>,
        some: impl Fn(&'static str) -> Result<Vec<S>, E>,
        norm: impl Fn(&'static str) -> Result<Option<Vec<f64>>, E>,
    ) -> Result<Self, E> {
        Ok(Self {
            number,
            layer_norm,
            q: one("q")?,
            k: one("k")?,
            v: one("v")?,
            o: one("o")?,
            up: some("up")?,
            down: some("down")?,
            norms: Norms {
                attention_norm: norm("attention_norm")?,
                ffn_norm: norm("ffn_norm")?,
                attention_out_norm: norm("attention_out_norm")?,
                ffn_out_norm: norm("ffn_out_norm")?,
                q_norm: norm("q_norm")?,
                k_norm: norm("k_norm")?,
            },
        })
    }

    /// The layer of what is made of each matrix.
    pub fn map<'a, T>(&'a self, f: impl Fn(&'a S) -> T) -> RawLayer<T> {
        let &Self { number, layer_norm, ref q, ref k, ref v, ref o, ref up, ref down, ref norms } = self;
        let [q, k, v, o] = [q, k, v, o].map(&f);
        let [up, down] = [up, down].map(|experts| experts.iter().map(&f).collect());
        RawLayer { number, layer_norm, q, k, v, o, up, down, norms: norms.clone() }
    }
}
