// One instruction set's routines. Needs: SET (suffix), W (lanes), MR, NV (tile rows, tile columns in vectors).
#define GLUE_(a, b) a##_##b
#define GLUE(a, b) GLUE_(a, b)
#define FN(name) GLUE(name, SET)
#define V FN(vec)
#define U FN(unaligned)
#define I FN(ints)
#define NR (W * NV)
#define UNROLL _Pragma("clang loop unroll(full)")
typedef float V __attribute__((vector_size(W * 4)));
typedef float U __attribute__((vector_size(W * 4), aligned(4), may_alias));
typedef int I __attribute__((vector_size(W * 4)));
#define LOAD(p) (*(const U *)(p))
#define STORE(p, v) (*(U *)(p) = (v))
#define INLINE static inline __attribute__((always_inline))

// Halves onto halves: a chain of W additions would outlast the products of a short row.
INLINE float FN(reduce)(const V *v) {
  float s[W];
  STORE(s, *v);
  UNROLL for (int half = W / 2; half > 0; half /= 2) UNROLL for (int i = 0; i < half; i++) s[i] += s[i + half];
  return s[0];
}

// The sums of four vectors side by side.
INLINE void FN(reduce_four)(const V *v, float *out) {
  typedef float four __attribute__((vector_size(16), aligned(4), may_alias));
#if W == 16
#define SHUFFLE __builtin_shufflevector
  // Two vectors are folded at once; a lane of four is left of each.
  V ab = SHUFFLE(v[0], v[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
         SHUFFLE(v[0], v[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  V cd = SHUFFLE(v[2], v[3], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
         SHUFFLE(v[2], v[3], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  V all = SHUFFLE(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
          SHUFFLE(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  all += SHUFFLE(all, all, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  all += SHUFFLE(all, all, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
  *(four *)out = SHUFFLE(all, all, 0, 4, 8, 12);
#undef SHUFFLE
#else
  four s[4];
  UNROLL for (int q = 0; q < 4; q++) {
    const four *part = (const four *)&v[q];
    s[q] = part[0];
    UNROLL for (int p = 1; p < W / 4; p++) s[q] += part[p];
  }
  four ab = __builtin_shufflevector(s[0], s[1], 0, 4, 1, 5) + __builtin_shufflevector(s[0], s[1], 2, 6, 3, 7);
  four cd = __builtin_shufflevector(s[2], s[3], 0, 4, 1, 5) + __builtin_shufflevector(s[2], s[3], 2, 6, 3, 7);
  *(four *)out = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
#endif
}

// Sixteen chains hide the latency of two pipes with room to spare.
static float FN(peak)(long iterations, float seed) {
  V x[CHAINS], m, a;
  UNROLL for (int i = 0; i < CHAINS; i++) x[i] = (V){} + (seed + (float)i);
  m = (V){} + 0.999f;
  a = (V){} + seed;
  for (long n = 0; n < iterations; n++) {
    UNROLL for (int i = 0; i < CHAINS; i++) x[i] = x[i] * m + a;
    // Keeps the chains in registers and the loop from being folded.
    __asm__ volatile("" ::: "memory");
  }
  V s = x[0];
  UNROLL for (int i = 1; i < CHAINS; i++) s += x[i];
  return FN(reduce)(&s);
}

typedef double FN(wide) __attribute__((vector_size(W * 4)));
static double FN(peak64)(long iterations, double seed) {
  FN(wide) x[CHAINS], m, a;
  UNROLL for (int i = 0; i < CHAINS; i++) x[i] = (FN(wide)){} + (seed + (double)i);
  m = (FN(wide)){} + 0.999;
  a = (FN(wide)){} + seed;
  for (long n = 0; n < iterations; n++) {
    UNROLL for (int i = 0; i < CHAINS; i++) x[i] = x[i] * m + a;
    __asm__ volatile("" ::: "memory");
  }
  FN(wide) s = x[0];
  UNROLL for (int i = 1; i < CHAINS; i++) s += x[i];
  double out = 0;
  for (int i = 0; i < W / 2; i++) out += s[i];
  return out;
}

static float FN(sum)(const float *x, long n) {
  V s[8] = {};
  long i = 0;
  if (n >= MK_FAR) {
    long part = n / 4 / (2 * W) * (2 * W);
    for (; i < part; i += 2 * W)
      UNROLL for (int j = 0; j < 4; j++) {
        s[2 * j] += LOAD(x + j * part + i);
        s[2 * j + 1] += LOAD(x + j * part + i + W);
      }
    i = 4 * part;
  }
  for (; i + 8 * W <= n; i += 8 * W) {
    UNROLL for (int j = 0; j < 8; j++) s[j] += LOAD(x + i + j * W);
  }
  UNROLL for (int j = 1; j < 8; j++) s[0] += s[j];
  float out = FN(reduce)(&s[0]);
  for (; i < n; i++) out += x[i];
  return out;
}

static void FN(copy)(float *to, const float *from, long n) {
  long i = 0;
  for (; i + 4 * W <= n; i += 4 * W) {
    UNROLL for (int j = 0; j < 4; j++) STORE(to + i + j * W, LOAD(from + i + j * W));
  }
  for (; i < n; i++) to[i] = from[i];
}

static void FN(triad)(float *to, const float *b, const float *c, float s, long n) {
  V scale = (V){} + s;
  long i = 0;
  for (; i + 4 * W <= n; i += 4 * W) {
    UNROLL for (int j = 0; j < 4; j++)
      STORE(to + i + j * W, LOAD(b + i + j * W) + scale * LOAD(c + i + j * W));
  }
  for (; i < n; i++) to[i] = b[i] + s * c[i];
}

// Four by four, in registers.
INLINE void FN(transpose)(float *to, long to_stride, const float *from, long from_stride) {
  typedef float four __attribute__((vector_size(16), aligned(4), may_alias));
  four a = *(const four *)from, b = *(const four *)(from + from_stride);
  four c = *(const four *)(from + 2 * from_stride), d = *(const four *)(from + 3 * from_stride);
  four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  four AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(four *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  *(four *)(to + to_stride) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  *(four *)(to + 2 * to_stride) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
  *(four *)(to + 3 * to_stride) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
}

static void FN(pack)(float *to, const float *from, long rows, long k, long row_stride, long k_stride,
                     long width) {
  if (row_stride == 1 && rows == width && width % W == 0) {
    for (long p = 0; p < k; p++)
      for (long r = 0; r < width; r += W) STORE(to + p * width + r, LOAD(from + p * k_stride + r));
    return;
  }
  if (k_stride == 1) {
    // Four rows along k at once: longer runs than a line of each row in turn, and no fight for the ways of a cache
    // between rows a power of two apart. Rows are too short for the hardware to see where they lead: those a panel's
    // half ahead are asked for here.
    long r = 0;
    for (; r + 4 <= rows; r += 4) {
      long p0 = 0;
      for (; p0 + 16 <= k; p0 += 16) {
        UNROLL for (long q = 0; q < 4; q++) __builtin_prefetch(from + (r + 16 + q) * row_stride + p0, 0, 2);
        UNROLL for (long p = 0; p < 16; p += 4)
          FN(transpose)(to + (p0 + p) * width + r, width, from + r * row_stride + p0 + p, row_stride);
      }
      for (; p0 < k; p0++)
        UNROLL for (long q = 0; q < 4; q++) to[p0 * width + r + q] = from[(r + q) * row_stride + p0];
    }
    for (; r < rows; r++)
      for (long p = 0; p < k; p++) to[p * width + r] = from[r * row_stride + p];
  } else {
    for (long p = 0; p < k; p++)
      for (long r = 0; r < rows; r++) to[p * width + r] = from[r * row_stride + p * k_stride];
  }
  for (long p = 0; rows < width && p < k; p++)
    for (long r = rows; r < width; r++) to[p * width + r] = 0;
}

INLINE void FN(tile_body)(long k, const float *const *row, const float *a, int packed, const float *b,
                          float *c, long ldc, long rows, long columns, int accumulate) {
  V acc[MR][NV];
  UNROLL for (int r = 0; r < MR; r++) UNROLL for (int v = 0; v < NV; v++) acc[r][v] = (V){};
  // The output's lines come while the products run.
  for (long r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < NR; v += 16) __builtin_prefetch(c + r * ldc + v, 1);
  for (long p = 0; p < k; p++) {
    V right[NV];
    UNROLL for (int v = 0; v < NV; v++) right[v] = LOAD(b + p * NR + v * W);
    UNROLL for (int r = 0; r < MR; r++) {
      V left = (V){} + (packed ? a[p * MR + r] : row[r][p]);
      UNROLL for (int v = 0; v < NV; v++) acc[r][v] += left * right[v];
    }
  }
  if (rows == MR && columns == NR) {
    if (accumulate) {
      UNROLL for (int r = 0; r < MR; r++) UNROLL for (int v = 0; v < NV; v++)
        STORE(c + r * ldc + v * W, LOAD(c + r * ldc + v * W) + acc[r][v]);
    } else {
      UNROLL for (int r = 0; r < MR; r++) UNROLL for (int v = 0; v < NV; v++)
        STORE(c + r * ldc + v * W, acc[r][v]);
    }
    return;
  }
  float edge[MR * NR];
  UNROLL for (int r = 0; r < MR; r++) UNROLL for (int v = 0; v < NV; v++)
    STORE(edge + r * NR + v * W, acc[r][v]);
  for (long r = 0; r < rows; r++)
    for (long j = 0; j < columns; j++)
      c[r * ldc + j] = (accumulate ? c[r * ldc + j] : 0) + edge[r * NR + j];
}

static void FN(tile)(long k, const float *a, long a_stride, const float *b, float *c, long ldc, long rows,
                     long columns, int accumulate) {
  if (a_stride == 0) {
    FN(tile_body)(k, 0, a, 1, b, c, ldc, rows, columns, accumulate);
    return;
  }
  const float *row[MR];
  UNROLL for (int r = 0; r < MR; r++) row[r] = a + (r < rows ? r : rows - 1) * a_stride;
  FN(tile_body)(k, row, a, 0, b, c, ldc, rows, columns, accumulate);
}

INLINE V FN(widen)(const uint16_t *p) {
  typedef uint16_t half __attribute__((vector_size(W * 2), aligned(2), may_alias));
  typedef uint32_t full __attribute__((vector_size(W * 4)));
  return (V)(__builtin_convertvector(*(const half *)p, full) << 16);
}
INLINE V FN(narrow_or_wide)(const void *p, long i, int half) {
  return half ? FN(widen)((const uint16_t *)p + i) : LOAD((const float *)p + i);
}
INLINE float FN(one)(const void *p, long i, int half) {
  union { uint32_t u; float f; } bits;
  if (!half) return ((const float *)p)[i];
  bits.u = (uint32_t)((const uint16_t *)p)[i] << 16;
  return bits.f;
}
// `Q` rows share each load of x; `ahead` bytes of each row are asked for early, since rows end before the hardware
// has seen where they lead.
INLINE long FN(dots_of)(const char *base, long step, long count, const float *x, long n, float *y, int half,
                        const int Q, const int C, const long ahead) {
  long i = 0;
  const int bytes = half ? 2 : 4;
  for (; i + Q <= count; i += Q) {
    V s[4][8];
    UNROLL for (int q = 0; q < Q; q++) UNROLL for (int h = 0; h < C; h++) s[q][h] = (V){};
    const char *r = base + i * step;
    long j = 0;
    for (; j + C * W <= n; j += C * W) {
      if (ahead)
        UNROLL for (int q = 0; q < Q; q++)
          UNROLL for (int b = 0; b < C * W * bytes; b += 64) __builtin_prefetch(r + q * step + j * bytes + b + ahead);
      UNROLL for (int h = 0; h < C; h++) {
        V right = LOAD(x + j + h * W);
        UNROLL for (int q = 0; q < Q; q++) s[q][h] += FN(narrow_or_wide)(r + q * step, j + h * W, half) * right;
      }
    }
    for (; j + W <= n; j += W) {
      V right = LOAD(x + j);
      UNROLL for (int q = 0; q < Q; q++) s[q][0] += FN(narrow_or_wide)(r + q * step, j, half) * right;
    }
    float out[4];
    V all[4] = {};
    UNROLL for (int q = 0; q < Q; q++) UNROLL for (int h = 0; h < C; h++) all[q] += s[q][h];
    if (Q == 4) FN(reduce_four)(all, out);
    else out[0] = FN(reduce)(all);
    UNROLL for (int q = 0; q < Q; q++) {
      for (long t = j; t < n; t++) out[q] += FN(one)(r + q * step, t, half) * x[t];
      y[i + q] = out[q];
    }
  }
  return i;
}
// One row after another is the best stream. Four share each load of an x that does not stay near, and the summing up
// of rows so short that it would take longer than their products.
INLINE void FN(dots_body)(const void *rows, long stride, long count, const float *x, long n, float *y,
                          int half) {
  long step = stride * (half ? 2 : 4), done = 0;
  if (n <= MK_SHORT) done = FN(dots_of)(rows, step, count, x, n, y, half, 4, 2, 2048);
  if (n > MK_NEAR) done = FN(dots_of)(rows, step, count, x, n, y, half, 4, 2, 1024);
  FN(dots_of)((const char *)rows + done * step, step, count - done, x, n, y + done, half, 1, 8, 4096);
}
static void FN(dots)(const float *rows, long stride, long count, const float *x, long n, float *y) {
  FN(dots_body)(rows, stride, count, x, n, y, 0);
}
static void FN(dots_bf16)(const uint16_t *rows, long stride, long count, const float *x, long n, float *y) {
  FN(dots_body)(rows, stride, count, x, n, y, 1);
}

// Four vectors of x against four rows at a time, so that each load serves four products; the rows of the next block are
// asked for meanwhile. `Q` of the four vectors at a time, as many as registers last for.
static void FN(dots_four)(const float *rows, long stride, long count, const float *x, long x_stride, long n,
                          float *y, long y_stride, const float *next) {
  const int Q = MR * NV >= 16 ? 4 : 2;
  long i = 0;
  for (; i + 4 <= count; i += 4)
    for (int first = 0; first < 4; first += Q) {
      V s[4][4] = {};
      const float *row = rows + i * stride, *vector = x + first * x_stride;
      long j = 0;
      for (; j + W <= n; j += W) {
        V four[4];
        UNROLL for (int r = 0; r < 4; r++) {
          four[r] = LOAD(row + r * stride + j);
          if (first == 0 && j % 16 == 0) __builtin_prefetch(next + (i + r) * stride + j);
        }
        UNROLL for (int q = 0; q < Q; q++) {
          V one = LOAD(vector + q * x_stride + j);
          UNROLL for (int r = 0; r < 4; r++) s[q][r] += four[r] * one;
        }
      }
      UNROLL for (int q = 0; q < Q; q++) {
        float *out = y + (first + q) * y_stride + i;
        FN(reduce_four)(s[q], out);
        for (long t = j; t < n; t++)
          for (int r = 0; r < 4; r++) out[r] += row[r * stride + t] * vector[q * x_stride + t];
      }
    }
  for (int q = 0; q < 4 && i < count; q++)
    FN(dots)(rows + i * stride, stride, count - i, x + q * x_stride, n, y + q * y_stride + i);
}

// `C` vectors of y at a time, in chains of their own.
INLINE long FN(combine_of)(const float *rows, long stride, long count, const float *p, long n, float *y, long j,
                           const int C) {
  for (; j + C * W <= n; j += C * W) {
    V s[8];
    UNROLL for (int h = 0; h < C; h++) s[h] = LOAD(y + j + h * W);
    for (long i = 0; i < count; i++) {
      V left = (V){} + p[i];
      // Eight rows on, where rows lie one after another.
      UNROLL for (int b = 0; b < C * W; b += 16) __builtin_prefetch(rows + (i + 8) * stride + j + b);
      UNROLL for (int h = 0; h < C; h++) s[h] += left * LOAD(rows + i * stride + j + h * W);
    }
    UNROLL for (int h = 0; h < C; h++) STORE(y + j + h * W, s[h]);
  }
  return j;
}
static void FN(combine)(const float *rows, long stride, long count, const float *p, long n, float *y) {
  long j = FN(combine_of)(rows, stride, count, p, n, y, 0, 8);
  j = FN(combine_of)(rows, stride, count, p, n, y, j, 4);
  j = FN(combine_of)(rows, stride, count, p, n, y, j, 1);
  for (; j < n; j++) {
    float s = y[j];
    for (long i = 0; i < count; i++) s += p[i] * rows[i * stride + j];
    y[j] = s;
  }
}

// Two rows of weights at once, whole rows of what they weigh: as long as registers last, and in the order of memory.
INLINE long FN(combine_two)(const float *rows, long stride, long count, const float *p, long p_stride, long n,
                            float *y, long y_stride, const float *next, long j, const int C) {
  for (; j + C * W <= n; j += C * W) {
    V s[2][8];
    UNROLL for (int q = 0; q < 2; q++) UNROLL for (int h = 0; h < C; h++) s[q][h] = LOAD(y + q * y_stride + j + h * W);
    for (long i = 0; i < count; i++) {
      const float *row = rows + i * stride + j;
      V weights[2];
      UNROLL for (int q = 0; q < 2; q++) weights[q] = (V){} + p[q * p_stride + i];
      if (next)
        UNROLL for (int b = 0; b < C * W; b += 16) __builtin_prefetch(next + i * stride + j + b);
      UNROLL for (int h = 0; h < C; h++) {
        V one = LOAD(row + h * W);
        UNROLL for (int q = 0; q < 2; q++) s[q][h] += weights[q] * one;
      }
    }
    UNROLL for (int q = 0; q < 2; q++) UNROLL for (int h = 0; h < C; h++) STORE(y + q * y_stride + j + h * W, s[q][h]);
  }
  return j;
}
static void FN(combine_four)(const float *rows, long stride, long count, const float *p, long p_stride, long n,
                             float *y, long y_stride, const float *next) {
  for (int q = 0; q < 4; q += 2) {
    const float *weights = p + q * p_stride, *then = q == 0 ? next : 0;
    float *out = y + q * y_stride;
    long j = FN(combine_two)(rows, stride, count, weights, p_stride, n, out, y_stride, then, 0, MR * NV >= 16 ? 8 : 4);
    j = FN(combine_two)(rows, stride, count, weights, p_stride, n, out, y_stride, then, j, 4);
    j = FN(combine_two)(rows, stride, count, weights, p_stride, n, out, y_stride, then, j, 1);
    for (int one = 0; one < 2 && j < n; one++)
      FN(combine)(rows + j, stride, count, weights + one * p_stride, n - j, out + one * y_stride + j);
  }
}

static float FN(maximum)(const float *x, long n) {
  float out = -__builtin_inff();
  long i = 0;
  if (n >= W) {
    V m = LOAD(x);
    for (i = W; i + W <= n; i += W) {
      V y = LOAD(x + i);
      m = __builtin_elementwise_max(m, y);
    }
    for (int j = 0; j < W; j++) out = m[j] > out ? m[j] : out;
  }
  for (; i < n; i++) out = x[i] > out ? x[i] : out;
  return out;
}

// e^x = 2^n · e^r, |r| ≤ ln 2 / 2; the polynomial is Cephes' expf, 2 ulp.
INLINE V FN(exp)(V x) {
  V low = (V){} - 87.3f, high = (V){} + 88.3f, magic = (V){} + 12582912.0f;
  x = __builtin_elementwise_max(x, low);
  x = __builtin_elementwise_min(x, high);
  V n = (x * 1.44269504f + magic) - magic;
  V r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  V p = (V){} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  I e = (__builtin_convertvector(n, I) + 127) << 23;
  return p * (V)e;
}
INLINE V FN(part)(const float *x, long n, float fill) {
  V v = (V){} + fill;
  for (long i = 0; i < n; i++) v[i] = x[i];
  return v;
}
static float FN(exponentials)(float *x, long n, float shift) {
  V s = {};
  long i = 0;
  for (; i + W <= n; i += W) {
    V e = FN(exp)(LOAD(x + i) - shift);
    STORE(x + i, e);
    s += e;
  }
  float out = FN(reduce)(&s);
  if (i < n) {
    V e = FN(exp)(FN(part)(x + i, n - i, shift) - shift);
    for (long j = 0; i + j < n; j++) {
      x[i + j] = e[j];
      out += e[j];
    }
  }
  return out;
}
static void FN(silu_mul)(float *y, const float *g, const float *u, long n) {
  long i = 0;
  for (; i + W <= n; i += W) {
    V x = LOAD(g + i);
    STORE(y + i, x / (1.0f + FN(exp)(-x)) * LOAD(u + i));
  }
  if (i < n) {
    V x = FN(part)(g + i, n - i, 0), z = x / (1.0f + FN(exp)(-x)) * FN(part)(u + i, n - i, 0);
    for (long j = 0; i + j < n; j++) y[i + j] = z[j];
  }
}
// Simple loops that the compiler turns into this set's vectors by itself.
static void FN(scale)(float *x, long n, float s) {
  for (long i = 0; i < n; i++) x[i] *= s;
}
static void FN(add)(float *x, const float *y, float s, long n) {
  for (long i = 0; i < n; i++) x[i] += s * y[i];
}
static float FN(squares)(const float *x, long n) {
  float y = 0;
  FN(dots)(x, n, 1, x, n, &y);
  return y;
}
static void FN(weigh)(float *y, const float *x, const float *weight, float s, long n) {
  for (long i = 0; i < n; i++) y[i] = x[i] * s * weight[i];
}
static void FN(rotate)(float *restrict a, float *restrict b, const float *restrict cosine,
                       const float *restrict sine, long n) {
  for (long i = 0; i < n; i++) {
    float x = a[i], y = b[i];
    a[i] = x * cosine[i] - y * sine[i];
    b[i] = x * sine[i] + y * cosine[i];
  }
}

static const struct mk_table FN(table) = {
    SET_NAME, W, MR, NR, FN(peak), FN(peak64), CHAINS * W * 2, CHAINS * W, FN(sum), FN(copy), FN(triad), FN(pack),
    FN(tile), FN(dots), FN(dots_bf16), FN(dots_four), FN(combine), FN(combine_four), FN(maximum), FN(exponentials), FN(scale), FN(add),
    FN(squares), FN(weigh), FN(silu_mul), FN(rotate)};

#undef GLUE_
#undef GLUE
#undef FN
#undef V
#undef U
#undef I
#undef NR
#undef UNROLL
#undef LOAD
#undef STORE
#undef INLINE
#undef SET
#undef CHAINS
#undef SET_NAME
#undef W
#undef MR
#undef NV
