// Cases of the literature, of other packages' tests and of our own, with the PAG they are known to have.
#pragma once

#include <string>
#include <vector>

namespace why {

struct KnownPag {
  std::string source;
  std::string dag;        // as parse_dag reads it
  std::string pag;        // as a graph literal
  std::string cpdag;      // what PC finds, where nothing is latent or selected; else empty
  std::string rfci = {};  // what RFCI finds, where that is not the PAG; else empty
};

inline std::vector<KnownPag> known_pags() {
  return {
      {"Zhang 2008 Fig. 6; pcalg fci.Rd",
       "observed: Max Anna Urs Eva\nlatent: G\nG --> Max\nG --> Anna\nMax --> Urs\nUrs --> Eva\nAnna --> "
       "Eva\n",
       "Max o-o Urs, Max o-o Anna, Urs --> Eva, Anna --> Eva", ""},
      {"Zhang 2006 Fig. 5.2; pcalg test_fci.R example 2",
       "observed: A B C D E\nlatent: F\nA --> D\nB --> D\nB --> E\nC --> D\nD --> E\nF --> C\nF --> D\n",
       "A o-> D, B o-> D, C o-> D, B --> E, D --> E", ""},
      {"Spirtes 1997 p. 21; pcalg test_fci.R example 4",
       "observed: 3 4 5 6 7\nlatent: 1 2\n1 --> 5\n1 --> 6\n2 --> 4\n2 --> 7\n3 --> 4\n3 --> 6\n4 --> 5\n6 "
       "--> 7\n",
       "3 o-> 4, 3 o-> 6, 4 --> 5, 6 --> 7, 4 <-> 7, 5 <-> 6", "",
       "3 o-> 4, 3 o-> 6, 4 --> 5, 6 --> 7, 4 <-> 7, 5 <-> 6, 5 <-> 7"},
      {"Tetrad TestFci 1 (needs R9)", "observed: X1 X2 X3 X4\nX1 --> X2\nX1 --> X3\nX2 --> X4\nX3 --> X4\n",
       "X1 o-o X2, X1 o-o X3, X2 --> X4, X3 --> X4", "X1 --- X2, X1 --- X3, X2 --> X4, X3 --> X4"},
      {"Tetrad TestFci 2", "observed: Z1 Z2 X Y\nZ1 --> X\nZ2 --> X\nX --> Y\n",
       "Z1 o-> X, Z2 o-> X, X --> Y", "Z1 --> X, Z2 --> X, X --> Y"},
      {"Tetrad TestFci 3", "observed: X W V Y\nX --> W\nV --> W\nV --> Y\nW --> Y\n",
       "X o-> W, V o-> W, V --> Y, W --> Y", "X --> W, V --> W, V --> Y, W --> Y"},
      {"Tetrad TestFci 5", "observed: A B C D E\nA --> C\nB --> C\nB --> D\nC --> D\n",
       "nodes: A B C D E, A o-> C, B o-> C, B --> D, C --> D",
       "nodes: A B C D E, A --> C, B --> C, B --> D, C --> D"},
      {"Tetrad TestFci 6", "observed: A B\nA --> B\n", "A o-o B", "A --- B"},
      {"Tetrad TestFci 7 and 16 (smoking)",
       "observed: D H L M S I P\nlatent: E G\nE --> D\nE --> H\nG --> H\nG --> L\nD --> L\nD --> M\nH --> M\n"
       "L --> M\nS --> D\nI --> S\nP --> S\n",
       "D <-> H, D --> L, D --> M, H --> M, I o-> S, L <-> H, L --> M, P o-> S, S --> D", ""},
      {"Tetrad TestFci 8", "observed: X Y Z B A C\nX --> Z\nY --> Z\nZ --> B\nB --> A\nC --> A\n",
       "X o-> Z, Y o-> Z, Z --> B, B --> A, C o-> A", "X --> Z, Y --> Z, Z --> B, B --> A, C --> A"},
      {"Tetrad TestFci 10", "observed: A B C D E\nA --> D\nA --> B\nB --> D\nC --> D\nD --> E\n",
       "A o-> D, A o-o B, B o-> D, C o-> D, D --> E", "A --> D, A --- B, B --> D, C --> D, D --> E"},
      {"Tetrad TestFci 15", "observed: X Y Z W\nlatent: L\nX --> Y\nW --> Z\nL --> Y\nL --> Z\n",
       "X o-> Y, Y <-> Z, W o-> Z", ""},
      {"Tetrad TestFci 11 without its knowledge",
       "observed: X1 X2 X3\nlatent: L1 L2\nL1 --> X1\nL1 --> X2\nL2 --> X2\nL2 --> X3\n",
       "X1 o-> X2, X2 <-o X3", ""},
      {"pywhy-graphs#93 (R5): selection on a circle of four",
       "observed: A B C D\nselection: S1 S2 S3 S4\nA --> S1\nB --> S1\nB --> S2\nC --> S2\nC --> S3\nD --> "
       "S3\n"
       "D --> S4\nA --> S4\n",
       "A --- B, B --- C, C --- D, A --- D", ""},
      {"causal-learn test_rule5: selection on two circles of four with a common node",
       "observed: A B C D E F G\nselection: S1 S2 S3 S4 S5 S6 S7 S8\n"
       "A --> S1\nB --> S1\nA --> S2\nC --> S2\nA --> S3\nF --> S3\nA --> S4\nG --> S4\n"
       "B --> S5\nD --> S5\nC --> S6\nE --> S6\nD --> S7\nF --> S7\nE --> S8\nG --> S8\n",
       "A --- B, A --- C, A --- F, A --- G, B --- D, C --- E, D --- F, E --- G", ""},
      {"a selected collider joins its parents", "observed: A B C\nselection: S\nA --> B\nC --> B\nB --> S\n",
       "A o-o B, A o-o C, B o-o C", ""},
      {"Zhang 2008 Fig. 4, as pywhy-graphs draws it (smoking and lung cancer)",
       "observed: I PSH S G L\nI --> S\nPSH --> S\nG --> S\nG --> L\nS --> L\n",
       "G --> L, G o-> S, I o-> S, L <-- S, PSH o-> S", "G --> L, G --> S, I --> S, L <-- S, PSH --> S"},
      {"pcalg test_dsepAMTest.R: a Y structure", "observed: X1 X2 X3 X4\nX1 --> X3\nX2 --> X3\nX3 --> X4\n",
       "X1 o-> X3, X2 o-> X3, X3 --> X4", "X1 --> X3, X2 --> X3, X3 --> X4"},
      {"Colombo et al. 2012: RFCI improves the output; pcalg test_rfci.R",
       "observed: 3 4 5 6 7 8\nlatent: 1 2\n1 --> 4\n1 --> 6\n2 --> 5\n2 --> 7\n3 --> 4\n3 --> 5\n"
       "3 --> 8\n4 --> 7\n4 --> 8\n5 --> 6\n5 --> 8\n7 --> 8\n",
       "3 --> 8, 3 o-> 4, 3 o-> 5, 4 --> 7, 4 --> 8, 4 <-> 6, 5 --> 6, 5 <-> 7, 5 o-> 8, 7 o-> 8", ""},
      {"Richardson on discriminating paths, 12 observed nodes; pcalg test_rfci.R",
       "observed: 14 15 16 17 18 19 20 21 22 23 24 25\nlatent: 1 2 3 4 5 6 7 8 9 10 11 12 13\n"
       "1 --> 14\n1 --> 18\n2 --> 16\n2 --> 18\n3 --> 16\n3 --> 24\n4 --> 18\n4 --> 24\n5 --> 15\n"
       "5 --> 25\n6 --> 17\n6 --> 19\n7 --> 14\n7 --> 19\n8 --> 14\n8 --> 24\n9 --> 19\n9 --> 20\n"
       "10 --> 20\n10 --> 25\n11 --> 23\n11 --> 25\n12 --> 22\n12 --> 24\n13 --> 21\n13 --> 23\n"
       "15 --> 16\n15 --> 17\n15 --> 24\n16 --> 19\n16 --> 25\n17 --> 18\n17 --> 24\n17 --> 25\n"
       "18 --> 21\n18 --> 25\n19 --> 23\n19 --> 24\n19 --> 25\n20 --> 24\n21 --> 22\n21 --> 25\n"
       "22 --> 25\n23 --> 24\n",
       "14 <-> 18, 14 <-> 19, 14 <-> 24, 15 --> 24, 15 --> 25, 15 o-> 16, 15 o-> 17, 16 --> 19, "
       "16 --> 24, 16 --> 25, 16 <-> 18, 17 --> 18, 17 --> 24, 17 --> 25, 17 <-> 19, 18 --> 21, "
       "18 --> 25, 18 o-> 24, 19 --> 23, 19 --> 24, 19 --> 25, 19 <-> 20, 20 --> 24, 20 <-> 25, "
       "21 --> 22, 21 --> 25, 21 <-> 23, 22 --> 25, 22 <-> 24, 23 --> 24, 23 o-> 25",
       ""},
      {"Mooij and Claassen 2020 Fig. 43(a); pcalg test_pag2anc.R and test_pag2conf.R",
       "observed: Ca Cb Cc X0 X1 X2 X3 X4\nlatent: L1 L2 L3 L4\nL1 --> Ca\nL1 --> Cb\nL2 --> Ca\n"
       "L2 --> Cc\nL3 --> Cb\nL3 --> Cc\nL4 --> X1\nL4 --> X4\nCa --> X0\nCb --> X1\nCc --> X1\n"
       "Cc --> X2\nX2 --> X1\nX0 --> X3\nX3 --> X4\n",
       "Ca o-o Cb, Ca o-o Cc, Ca o-o X0, Cb o-> X1, Cb o-o Cc, Cc o-> X1, Cc o-o X2, X0 o-o X3, "
       "X1 <-> X4, X1 <-o X2, X3 o-> X4",
       ""},
      {"causal-learn TestFCI test_simple_test2: A and E are separated by possible-d-sep nodes only",
       "observed: A B C D E F H\nlatent: T1 T2\nC --> F\nC --> H\nF --> B\nT1 --> B\nH --> D\n"
       "T2 --> D\nD --> A\nT1 --> A\nB --> E\nT2 --> E\n",
       "A <-- D, A <-> B, B --> E, B <-o F, C o-o F, C o-o H, D <-> E, D <-o H", "",
       "A <-- D, A <-> B, A <-> E, B --> E, B <-o F, C o-o F, C o-o H, D <-> E, D <-o H"},
      {"causal-learn TestFCI test_fritl",
       "observed: X1 X2 X3 X4 X5 X6 X7\nlatent: L1 L2 L3\nL1 --> X1\nL2 --> X1\nX1 --> X2\n"
       "X2 --> X3\nX1 --> X4\nL3 --> X4\nX3 --> X5\nL3 --> X5\nL1 --> X6\nL2 --> X7\nL3 --> X7\n"
       "X6 --> X7\n",
       "X1 o-> X4, X1 o-> X7, X1 o-o X2, X1 o-o X6, X2 o-o X3, X3 o-> X5, X4 <-> X5, X4 o-> X7, "
       "X5 <-> X7, X6 o-> X7",
       ""},
      // What is left of random graphs on which a search without some clause of a rule errs, when nothing more
      // can be taken away.
      {"needs R8: b --> e --> g",
       "observed: a b c d e f g\na --> b\na --> g\nb --> e\nb --> g\nc --> f\nd --> b\nd --> g\ne --> f\n"
       "e --> g\nf --> g\n",
       "a o-> b, a o-> g, b --> e, b --> g, d o-> b, c o-> f, d o-> g, e --> f, e --> g, f --> g",
       "a --> b, a --> g, b --> e, b --> g, d --> b, c --> f, d --> g, e --> f, e --> g, f --> g"},
      {"needs R8 after selection: g --o f --> e",
       "observed: a b c d e f g h\nselection: i j\na --> b\na --> d\nb --> e\nb --> i\nc --> e\nc --> i\n"
       "c --> j\nd --> j\nf --> e\nf --> h\ng --> e\ng --> f\ng --> i\nh --> i\n",
       "a --- b, a --- d, b --- c, b --> e, b --o g, b --o h, c --- d, c --> e, c --o g, c --o h, f --> e, "
       "g --> e, f o-- g, f o-- h, g o-o h",
       ""},
      {"needs R4 on a longer path: <d, e, b, c, a> discriminates c",
       "observed: a b c d e\nlatent: f\nb --> a\nc --> a\nc --> b\nd --> e\ne --> a\nf --> b\nf --> e\n",
       "b --> a, c --> a, e --> a, b <-> e, c o-> b, d o-> e", ""},
      {"R10 wants second nodes that are not adjacent",
       "observed: a b c d e f\na --> c\nb --> a\nb --> c\nb --> f\nd --> f\ne --> a\ne --> b\ne --> c\n"
       "e --> f\nf --> c\n",
       "a o-> c, a o-o b, a o-o e, b --> c, b o-> f, b o-o e, e --> c, f --> c, d o-> f, e o-> f",
       "a --> c, a --- b, a --- e, b --> c, b --> f, b --- e, e --> c, f --> c, d --> f, e --> f"},
      {"one node", "observed: A\n", "nodes: A", "nodes: A"},
      {"two nodes apart", "observed: A B\n", "nodes: A B", "nodes: A B"},
  };
}

}  // namespace why
