//! One layer of a model, plain: what a canonical form is made of. In two parts, because nobody needs both at once.

/// The attention of a layer, weights as `out x in`. `S` is a [`super::Source`], or what one can be made of.
pub struct RawAttention<S> {
    /// The layer's number in the model, for messages.
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
    /// Weights of the norm that q, k, v read through, where there is one.
    pub norm: Option<Vec<f64>>,
    /// Of a norm behind o.
    pub out_norm: Option<Vec<f64>>,
    /// Of the norm on queries: e values (each head its own norm) or h e (one norm over all).
    pub q_norm: Option<Vec<f64>>,
    /// Of the norm on keys.
    pub k_norm: Option<Vec<f64>>,
}

/// The neurons of a layer, weights as `out x in`. As for [`RawAttention`].
pub struct RawNeurons<S> {
    /// The layer's number in the model, for messages.
    pub number: u32,
    /// Whether norms take the mean away (LayerNorm).
    pub layer_norm: bool,
    /// Up, `f x d`; one for each expert.
    pub up: Vec<S>,
    /// Down, `d x f`; one for each expert.
    pub down: Vec<S>,
    /// Weights of the norm that up reads through, where there is one.
    pub norm: Option<Vec<f64>>,
    /// Of a norm behind down.
    pub out_norm: Option<Vec<f64>>,
}

impl<S> RawAttention<S> {
    /// With tensors of another type.
    pub fn map<'a, T>(&'a self, f: impl Fn(&'a S) -> T) -> RawAttention<T> {
        let &Self { number, layer_norm, ref q, ref k, ref v, ref o, ref norm, ref out_norm, ref q_norm, ref k_norm } =
            self;
        let [q, k, v, o] = [q, k, v, o].map(f);
        let [norm, out_norm, q_norm, k_norm] = [norm, out_norm, q_norm, k_norm].map(Clone::clone);
        RawAttention { number, layer_norm, q, k, v, o, norm, out_norm, q_norm, k_norm }
    }
}

impl<S> RawNeurons<S> {
    /// With tensors of another type.
    pub fn map<'a, T>(&'a self, f: impl Fn(&'a S) -> T) -> RawNeurons<T> {
        let &Self { number, layer_norm, ref up, ref down, ref norm, ref out_norm } = self;
        let [up, down] = [up, down].map(|experts| experts.iter().map(&f).collect());
        RawNeurons { number, layer_norm, up, down, norm: norm.clone(), out_norm: out_norm.clone() }
    }
}
