// The size of a (partial) correlation decides most tests: p need not be computed.
#pragma once

namespace why {

// |rho| at which p crosses alpha lies between the two; only in between p is needed.
struct Crossing {
  double below, above;

  // Around a crossing computed in double. The margin is far more than atanh, erfc, tanh or the incomplete
  // beta function can err by (some 1e-15 of the statistic), far less than is ever asked.
  static Crossing around(double rho) {
    const double margin = 1e-13 + 1e-9 * (1 - rho * rho);
    return {rho - margin, rho + margin};
  }
};

}  // namespace why
