package cli

import (
	"cmp"
	"slices"
	"time"

	"flowtest/runner"
)

// again returns the flags with which a scenario of the run runs again as it did:
// those that say where it goes, what befalls it and what it fails for. The seed
// of the faults, which may be a random one, the run adds itself. The target is named
// where it has to be, being live or not the one of a run that names none.
func (f *runFlags) again(p *Process, named bool, target string) []string {
	var out []string
	add := func(is bool, flags ...string) {
		if is {
			out = append(out, flags...)
		}
	}
	env, _ := p.Env("FLOWTEST_TARGET")
	add(f.config != "", "--config", f.config)
	add(named || cmp.Or(f.target, env) != "", "--target", target)
	add(f.fault.spec != "", "--fault", f.fault.spec)
	add(f.conform.strict, "--strict")
	for _, verdict := range f.conform.conformance {
		add(slices.Contains([]string{"off", "warn", "fail"}, verdict), "--conformance", verdict)
	}
	add(f.conform.known != "", "--known-failures", f.conform.known)
	limit := func(flag string, is, usual time.Duration) { add(is != usual, flag, is.String()) }
	limit("--timeout", f.limits.timeout, runner.DefaultTimeout)
	limit("--step-timeout", f.limits.stepTimeout, 0)
	return out
}
