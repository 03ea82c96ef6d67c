# Searches of pcalg: `Rscript peer_searches.R SEARCH TABLE.csv ALPHA` prints, as JSON, what peer_searches.py prints.
suppressMessages(library(pcalg))

arguments <- commandArgs(trailingOnly = TRUE)
search <- arguments[1]
table <- as.matrix(read.csv(arguments[2], check.names = FALSE))
alpha <- as.numeric(arguments[3])

# Edges as [i, j, mark at i, mark at j] from 0; mark(i, j) is the mark at j, or nothing.
edges_of <- function(n, mark) {
  edges <- c()
  for (i in seq_len(n - 1)) for (j in (i + 1):n) {
    at_j <- mark(i, j)
    if (!is.null(at_j)) edges <- c(edges, sprintf('[%d, %d, "%s", "%s"]', i - 1, j - 1, mark(j, i), at_j))
  }
  paste(edges, collapse = ", ")
}

started <- proc.time()[["elapsed"]]
statistics <- list(C = cor(table), n = nrow(table))
labels <- colnames(table)
found <- switch(search,
  pc = pc(statistics, gaussCItest, alpha, labels = labels, skel.method = "stable"),
  fci = fci(statistics, gaussCItest, alpha, labels = labels, skel.method = "stable"),
  rfci = rfci(statistics, gaussCItest, alpha, labels = labels, skel.method = "stable"))
seconds <- proc.time()[["elapsed"]] - started

if (search == "pc") {
  matrix <- as(found@graph, "matrix") != 0  # [i, j] where i --> j or i --- j
  mark <- function(i, j) if (matrix[i, j] || matrix[j, i]) if (matrix[i, j] && !matrix[j, i]) "arrow" else "tail"
} else {
  matrix <- found@amat  # [i, j] is the mark at j
  mark <- function(i, j) if (matrix[i, j] != 0) c("circle", "arrow", "tail")[matrix[i, j]]
}
cat(sprintf('{"seconds": %.6f, "graphs": [[%s]]}', seconds, edges_of(length(labels), mark)))
