// What the kernels take, and their table, for numbers of type APUS_REAL. Included once for each type.

#pragma clang assume_nonnull begin

/// A matrix that is read: element (r, c) lies at base[r * row + c * column].
typedef struct {
  const APUS_REAL *base;
  size_t row, column;
} APUS_OF(apus_view);

/// A product of matrices, [M, K] with [K, N].
typedef struct {
  size_t rows, columns, depth;  // M, N, K
  APUS_OF(apus_view) a;         // [M, K]
  const APUS_REAL *b;           // [K, N], as `pack` left it
  APUS_REAL *c;                 // [M, N]; element (m, n) lies at c[m * c_row + n]
  size_t c_row;
  bool accumulates;    // c += product in the place of c = product
  APUS_REAL *scratch;  // [APUS_MATMUL_SCRATCH]
} APUS_OF(apus_matmul);

/// y = x g / sqrt(mean(x^2) + epsilon) for each row.
typedef struct {
  size_t rows, width;    // N, W
  const APUS_REAL *x;    // [N, W]
  const APUS_REAL *g;    // [W]
  APUS_REAL epsilon;
} APUS_OF(apus_row_norm);

/// Rotation of pairs of neighbours in each head by angles that grow with the position.
typedef struct {
  size_t rows, heads, head_length;  // N, H, D
  const uint32_t *positions;        // [N]
  const APUS_REAL *cosines;         // [positions, D], each twice
  const APUS_REAL *sines;           // [positions, D]: of a pair first the negative one
  bool inverse;                     // turns back
} APUS_OF(apus_rotation);

/// Causal attention of one leaf, in which token i sees tokens first[i] ... i.
///
/// first[i] <= i, and first never falls.
typedef struct {
  size_t tokens, query_heads, key_value_heads, head_length;  // N, Q, G, D
  const uint32_t *first;                                     // [N]
  const APUS_REAL *q, *k, *v;                                // [N, Q, D], [N, G, D], [N, G, D]
  APUS_REAL *out;                                            // [N, Q, D]
  APUS_REAL *greatest;      // [N, Q], the greatest scaled score of each softmax
  APUS_REAL *inverse_sum;   // [N, Q], 1 / sum of exp(score - greatest)
  APUS_REAL *scratch;       // [apus_training_attention_scratch]
} APUS_OF(apus_leaf_attention);

/// What attention's backward pass reads and writes besides.
typedef struct {
  const APUS_REAL *out;         // [N, Q, D], the gradient of `out`
  APUS_REAL *q, *k, *v;         // the gradients, which are replaced
} APUS_OF(apus_leaf_attention_gradients);

/// The constants of one step of AdamW: Loshchilov and Hutter, "Decoupled Weight Decay", 2017.
typedef struct {
  APUS_REAL scale;                    // of the gradient
  APUS_REAL beta1, one_less_beta1;
  APUS_REAL beta2, one_less_beta2;
  APUS_REAL correction1, correction2;  // 1 / (1 - beta^t)
  APUS_REAL kept;                      // 1 - rate * decay
  APUS_REAL rate, epsilon;
} APUS_OF(apus_adamw_constants);

/// The kernels of one instruction set.
typedef struct {
  const char *name;
  /// Columns of a panel of a packed matrix.
  size_t panel;
  /// Rearranges [K, N] into panels, in K times N, rounded up to whole panels, elements.
  void (*pack)(APUS_OF(apus_view) b, size_t depth, size_t columns, APUS_REAL *packed);
  /// Multiplies.
  void (*multiply)(const APUS_OF(apus_matmul) *work);
  /// Writes y, [N, W].
  void (*norm)(const APUS_OF(apus_row_norm) *work, APUS_REAL *y);
  /// Adds the gradients of x, [N, W], and of g, [W], given that of y.
  void (*norm_backward)(const APUS_OF(apus_row_norm) *work, const APUS_REAL *dy, APUS_REAL *dx,
                        APUS_REAL *dg);
  /// Rotates x, [N, H, D].
  void (*rotate)(const APUS_OF(apus_rotation) *work, APUS_REAL *x);
  /// out = gate / (1 + exp(-gate)) up, for n elements.
  void (*swiglu)(const APUS_REAL *gate, const APUS_REAL *up, APUS_REAL *out, size_t n);
  /// Replaces gate and up by their gradients, given that of out.
  void (*swiglu_backward)(APUS_REAL *gate, APUS_REAL *up, const APUS_REAL *dout, size_t n);
  /// Attends.
  void (*attend)(const APUS_OF(apus_leaf_attention) *work);
  /// Writes the gradients of q, k and v.
  void (*attend_backward)(const APUS_OF(apus_leaf_attention) *work,
                          const APUS_OF(apus_leaf_attention_gradients) *gradients);
  /// Returns the logarithm of the target's probability, and replaces the n logits by the gradient of
  /// -weight times it.
  double (*cross_entropy)(APUS_REAL *logits, size_t n, size_t target, APUS_REAL weight);
  /// x += y, for n elements.
  void (*add)(APUS_REAL *x, const APUS_REAL *y, size_t n);
  /// x = a x + b y, for n elements.
  void (*blend)(APUS_REAL *x, APUS_REAL a, const APUS_REAL *y, APUS_REAL b, size_t n);
  /// The sum of the squares of n elements.
  double (*sum_squares)(const APUS_REAL *x, size_t n);
  /// One step of n weights and their moments.
  void (*adamw)(const APUS_OF(apus_adamw_constants) *constants, APUS_REAL *weights, APUS_REAL *first,
                APUS_REAL *second, const APUS_REAL *gradient, size_t n);
} APUS_OF(apus_training_kernels);

#pragma clang assume_nonnull end
