# The same work in R, processor time, "work;method;first ms;median ms;value": rpact where it is installed, base R otherwise or beside it.
timed <- function(work, method, runs, f) {
  took <- numeric(runs)
  value <- NA
  for (i in seq_len(runs))
    took[i] <- sum(system.time(value <- suppressWarnings(tryCatch(f(), error = function(e) NA)))[1:2])
  cat(sprintf("%s;%s;%.4g;%.4g;%.15g\n", work, method, 1000 * took[1], 1000 * median(took), value))
}

# Armitage-McPherson-Rowe by Simpson's rule, vectorised.
spending <- function(t, alpha = 0.025) {
  k <- length(t); level <- alpha * log1p((exp(1) - 1) * t); spent <- 0; before <- 0; s <- f <- NULL; b <- NA
  for (i in seq_len(k)) {
    d <- t[i] - before
    tail <- function(z) (if (i == 1) pnorm(z, lower.tail = FALSE)
      else sum(f * pnorm((z * sqrt(t[i]) - s) / sqrt(d), lower.tail = FALSE))) - (level[i] - spent)
    b <- uniroot(tail, c(-1, 9), tol = 1e-11)$root
    spent <- level[i]
    top <- b * sqrt(t[i]); low <- -8 * sqrt(t[i])
    step <- if (i < k) min(d, t[i + 1] - t[i]) else d
    m <- min(1199, max(65, 2 * floor((top - low) / sqrt(step) * 4) + 1))
    x <- seq(low, top, length.out = m)
    w <- (x[2] - x[1]) / 3 * c(1, rep(c(4, 2), length.out = m - 2), 1)
    f <- w * (if (i == 1) dnorm(x / sqrt(d)) / sqrt(d)
      else as.vector(outer(x, s, function(a, b) dnorm((a - b) / sqrt(d)) / sqrt(d)) %*% f))
    s <- x; before <- t[i]
  }
  b
}
unequal <- function(k) { i <- seq_len(k); t <- (i + 0.35 * sin(1.7 * i)) / k; t[k] <- 1; t }

maxsprt.binomial <- function(N = 300, p = 0.5, alpha = 0.05) {
  llr <- function(x, n) ifelse(x / n > p, x * log(x / (n * p)) + ifelse(x == n, 0, (n - x) * log((n - x) / (n * (1 - p)))), 0)
  type1 <- function(cv) {
    v <- 1; gone <- 0
    for (n in 1:N) {
      v <- c(v, 0) * (1 - p) + c(0, v) * p
      cross <- v > 0 & llr(0:n, n) >= cv & (0:n) > 0
      gone <- gone + sum(v[cross]); v[cross] <- 0
    }
    gone
  }
  lo <- 0; hi <- 12
  while (hi - lo > 1e-9) { cv <- (lo + hi) / 2; if (type1(cv) <= alpha) hi <- cv else lo <- cv }
  hi
}
maxsprt.poisson <- function(T = 100, alpha = 0.05) {
  llr <- function(c, mu) c * log(c / mu) - (c - mu)
  type1 <- function(cv) {
    v <- 1; at <- 0; gone <- 0
    for (c in 1:260) {
      if (at >= T) break
      top <- min(T, c)
      tau <- if (llr(c, top) >= cv) top else uniroot(function(m) llr(c, m) - cv, c(c * 1e-12, top), tol = 1e-12)$root
      tau <- max(tau, at)
      k <- dpois(0:(c - 1), tau - at)
      w <- vapply(0:(c - 1), function(y) sum(v[1:(min(y, length(v) - 1) + 1)] * k[y - 0:min(y, length(v) - 1) + 1]), 0)
      gone <- gone + sum(v) - sum(w); v <- w; at <- tau
    }
    gone
  }
  lo <- 0.1; hi <- 12
  while (hi - lo > 1e-7) { cv <- (lo + hi) / 2; if (type1(cv) <= alpha) hi <- cv else lo <- cv }
  hi
}

rpact <- suppressWarnings(suppressMessages(requireNamespace("rpact", quietly = TRUE)))
R <- paste("base R", getRversion())
P <- if (rpact) paste("rpact", as.character(packageVersion("rpact"))) else ""
if (rpact) timed("alpha spending K=20", P, 3, function()
  rpact::getDesignGroupSequential(kMax = 20, alpha = 0.025, sided = 1, typeOfDesign = "asP")$criticalValues[20])
timed("alpha spending K=20", R, 3, function() spending(1:20 / 20))
if (rpact) timed("alpha spending K=100", P, 1, function()
  rpact::getDesignGroupSequential(kMax = 100, alpha = 0.025, sided = 1, typeOfDesign = "asP")$criticalValues[100])
timed("alpha spending K=100", R, 1, function() spending(1:100 / 100))
timed("alpha spending K=100 unequal", R, 1, function() spending(unequal(100)))
timed("MaxSPRT binomial N=300", R, 1, function() maxsprt.binomial())
timed("MaxSPRT Poisson T=100", R, 1, function() maxsprt.poisson())
timed("1e4 Fisher tests", R, 1, function() {
  sum(vapply(0:9999, function(i) { a <- i %% 76; b <- (i %/% 76) %% 74
    fisher.test(matrix(c(a, 75 - a, b, 73 - b), 2), conf.int = FALSE)$p.value }, 0)) })
if (rpact) {
  d <- rpact::getDesignGroupSequential(kMax = 3, alpha = 0.025, beta = 0.2, sided = 1, typeOfDesign = "asOF")
  ch <- rpact::getDesignCharacteristics(d)
  timed("1e5 three-look trials", P, 1, function() rpact::getSimulationMeans(d, alternative = 0.1,
    stDev = 1, groups = 1, normalApproximation = TRUE, plannedSubjects = ceiling(100 * ch$shift * (1:3) / 3),
    maxNumberOfIterations = 1e5, seed = 1)$overallReject)
}
timed("1e5 three-look trials", R, 1, function() {
  n <- 1e5 # the same design: OBF-like .025, three looks, the drift of power .8
  z <- c(3.710303, 2.511427, 1.993048); drift <- sqrt(7.949305)
  x <- matrix(rnorm(3 * n, drift / 3, sqrt(1 / 3)), n); s <- t(apply(x, 1, cumsum))
  mean(s[, 1] / sqrt(1 / 3) >= z[1] | s[, 2] / sqrt(2 / 3) >= z[2] | s[, 3] >= z[3]) })
