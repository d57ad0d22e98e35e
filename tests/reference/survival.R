# Writes persons.csv, subjects.csv, episodes.csv (made-up data) and survival.csv (what R says of them).
# Rscript tests/reference/survival.R, in the project's root; R 4.2.2, package survival 3.5-3.
suppressMessages(library(survival))
dir <- "tests/reference"
set.seed(20120731)
n <- 90
arm <- rep(0:1, length.out = n)
stratum <- rep(1:3, each = 2, length.out = n)
event.at <- ceiling(rexp(n, 0.02 * exp(0.6 * arm) * stratum / 2))
stop.at <- ceiling(runif(n, 10, 90))
time <- pmin(event.at, stop.at)
event <- as.integer(event.at <= stop.at)
write.csv(data.frame(time, event, arm, stratum), file.path(dir, "persons.csv"), row.names = FALSE, quote = FALSE)

m <- 60
s.arm <- rep(0:1, length.out = m)
frail <- rgamma(m, 2, 2)
end <- ceiling(10 * runif(m, 20, 100)) / 10
died <- as.integer(runif(m) < 0.3)
ep <- do.call(rbind, lapply(seq_len(m), function(i) {
  k <- rpois(1, 0.03 * frail[i] * end[i] * exp(0.4 * s.arm[i]))
  if (k > 0) data.frame(subject = i, time = sort(unique(pmin(end[i], ceiling(runif(k, 0, end[i])))))) }))
write.csv(data.frame(end, died, arm = s.arm), file.path(dir, "subjects.csv"), row.names = FALSE, quote = FALSE)
write.csv(ep, file.path(dir, "episodes.csv"), row.names = FALSE, quote = FALSE)

out <- NULL
put <- function(item, value, tolerance, source)
  out <<- rbind(out, data.frame(item, value = format(value, digits = 17), tolerance, source))
sd <- survdiff(Surv(time, event) ~ arm + strata(stratum))
e <- if (is.matrix(sd$obs)) rowSums(sd$obs) - rowSums(sd$exp) else sd$obs - sd$exp
put("stratified_observed_less_expected", e[2], 1e-10, "survival::survdiff(... + strata(stratum))")
put("stratified_variance", sd$var[2, 2], 1e-10, "survival::survdiff(... + strata(stratum))")
fit <- coxph(Surv(time, event) ~ arm, ties = "efron", control = coxph.control(eps = 1e-14, iter.max = 50))
for (tr in c("identity", "log", "km")) {
  z <- cox.zph(fit, transform = tr)
  put(paste0("zph_", tr), z$table[1, 1], 1e-8, paste0("survival::cox.zph(transform = \"", tr, "\")"))
  put(paste0("zph_p_", tr), z$table[1, 3], 1e-8, paste0("survival::cox.zph(transform = \"", tr, "\")"))
}
# Profile limits: where twice the fall of coxph's own log partial likelihood, at a coefficient held fixed, is qchisq(.95, 1).
profile <- function(d, tag, strata = FALSE) {
  f <- if (strata) Surv(time, event) ~ offset(b * arm) + strata(stratum) else Surv(time, event) ~ offset(b * arm)
  l <- function(x) { d$b <- x; coxph(f, data = d, ties = "efron")$loglik[1] }
  lim <- function(top, at, to) exp(uniroot(function(x) 2 * (top - l(x)) - qchisq(.95, 1), c(at, to), tol = 1e-14)$root)
  src <- "survival::coxph(~ offset(b * arm)), loglik, uniroot"
  if (sum(d$event[d$arm == 0]) == 0) {
    put(paste0(tag, "_lo"), lim(l(40), -3, 40), 1e-9, src)
  } else {
    g <- if (strata) Surv(time, event) ~ arm + strata(stratum) else Surv(time, event) ~ arm
    b <- coef(coxph(g, data = d, ties = "efron", control = coxph.control(eps = 1e-14, iter.max = 50)))[[1]]
    put(paste0(tag, "_value"), exp(b), 1e-9, src)
    put(paste0(tag, "_lo"), lim(l(b), b - 4, b), 1e-9, src)
    put(paste0(tag, "_hi"), lim(l(b), b, b + 4), 1e-9, src)
  }
}
people <- data.frame(time, event, arm, stratum)
profile(people, "profile")
profile(people, "profile_strata", TRUE)
profile(transform(people, event = ifelse(arm == 0, 0L, event)), "profile_monotone")
lr <- survdiff(Surv(time, event) ~ arm)
b <- (lr$obs[2] - lr$exp[2]) / lr$var[2, 2]
for (k in 0:2) put(paste0("peto_", c("value", "lo", "hi")[k + 1]), exp(b + c(0, -1, 1)[k + 1] * qnorm(.975) / sqrt(lr$var[2, 2])),
                   1e-10, "survival::survdiff, exp((O - E) / V +- 1.96 / sqrt(V))")
rk <- survfit(Surv(time, 1 - event) ~ 1)
put("reverse_km_40", summary(rk, times = 40)$surv, 1e-12, "survival::survfit(Surv(time, 1 - event) ~ 1)")
put("reverse_km_median", quantile(rk, 0.5)$quantile[[1]], 1e-12, "survival::survfit(Surv(time, 1 - event) ~ 1)")

cp <- do.call(rbind, lapply(seq_len(m), function(i) {
  t <- ep$time[ep$subject == i]
  b <- c(0, t); f <- c(t, end[i]); ev <- c(rep(1, length(t)), 0)
  keep <- f > b
  data.frame(id = i, start = b[keep], stop = f[keep], ev = ev[keep], arm = s.arm[i]) }))
for (a in 0:1) {
  s <- survfit(Surv(start, stop, ev) ~ 1, data = subset(cp, arm == a), id = id, robust = TRUE)
  for (t in c(20, 50)) {
    k <- max(which(s$time <= t))
    put(paste0("mcf_", a, "_", t), s$cumhaz[k], 1e-12, "survival::survfit(Surv(start, stop, event) ~ 1, id), cumhaz")
    put(paste0("mcf_variance_", a, "_", t), s$std.chaz[k]^2, 1e-12,
        "survival::survfit(Surv(start, stop, event) ~ 1, id), std.chaz^2")
  }
}
ag <- coxph(Surv(start, stop, ev) ~ arm + cluster(id), data = cp, ties = "breslow",
            control = coxph.control(eps = 1e-14, iter.max = 50))
put("lwyy_log_ratio", coef(ag)[[1]], 1e-10, "survival::coxph(... + cluster(id), ties = \"breslow\")")
put("lwyy_std_error", sqrt(ag$var[1, 1]), 1e-10, "survival::coxph(... + cluster(id), ties = \"breslow\")")
r0 <- coxph(Surv(start, stop, ev) ~ arm, data = cp, ties = "breslow", init = 0, iter.max = 0)
sc <- residuals(r0, type = "score", collapse = cp$id)
put("lwyy_score_z", sum(sc) / sqrt(sum(sc^2)), 1e-10, "survival::residuals(coxph(init = 0, iter.max = 0), \"score\", collapse)")

# Ghosh & Lin 2000, written out subject by subject and time by time (base R; nothing shared with the C).
gl <- function(a, t) {
  id <- which(s.arm == a); N <- length(id)
  tt <- sort(unique(c(ep$time[ep$subject %in% id], end[id][died[id] == 1]))); tt <- tt[tt <= t]
  Y <- sapply(tt, function(u) sum(end[id] >= u))
  dN <- sapply(tt, function(u) sum(ep$time[ep$subject %in% id] == u))
  dD <- sapply(tt, function(u) sum(died[id] == 1 & end[id] == u))
  S <- c(1, cumprod(1 - dD / Y))[seq_along(tt)]
  mu <- cumsum(S * dN / Y)
  psi <- sapply(id, function(i) {
    y <- as.numeric(end[i] >= tt)
    n <- sapply(tt, function(u) sum(ep$time[ep$subject == i] == u))
    d <- as.numeric(died[i] == 1 & end[i] == tt)
    sum(S * (n - y * dN / Y) / (Y / N)) - sum((mu[length(mu)] - mu) * (d - y * dD / Y) / (Y / N)) })
  c(mu[length(mu)], sum(psi^2) / N^2)
}
for (a in 0:1) for (t in c(20, 50, 95)) {
  g <- gl(a, t)
  put(paste0("ghosh_lin_", a, "_", t), g[1], 1e-12, "Ghosh & Lin, Biometrics 56:554-562, 2000, written out in base R (survival.R)")
  put(paste0("ghosh_lin_variance_", a, "_", t), g[2], 1e-12, "Ghosh & Lin, Biometrics 56:554-562, 2000, written out in base R (survival.R)")
}
out$source <- paste0("\"", gsub("\"", "\"\"", out$source), "\"")
write.table(out, file.path(dir, "survival.csv"), sep = ",", row.names = FALSE, quote = FALSE)
