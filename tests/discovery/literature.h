// Cases of the literature, of other packages' tests and of our own, with the PAG they are known to have.
#pragma once

#include <string>
#include <vector>

namespace why {

struct KnownPag {
  std::string source;
  std::string dag;    // as parse_dag reads it
  std::string pag;    // as a graph literal
  std::string cpdag;  // what PC finds, where nothing is latent or selected; else empty
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
       "3 o-> 4, 3 o-> 6, 4 --> 5, 6 --> 7, 4 <-> 7, 5 <-> 6", ""},
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
