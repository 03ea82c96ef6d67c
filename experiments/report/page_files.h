// The parts of the report that are files of their own in page/, compiled in.
#pragma once

namespace why {

extern const char kPageHtml[];  // with {{places}} to fill
extern const char kPageCss[];
extern const char kPageScript[];
extern const char kGraphScript[];      // what kPageScript draws graphs with
extern const char kExplanationHtml[];  // of one explained sample, with the same style

}  // namespace why
