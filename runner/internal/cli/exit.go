package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An exitError is an error with the exit code that it ends in. Without err the
// command has said everything itself.
type exitError struct {
	code int
	err  error
	hint string
}

// Error implements error.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

// usage is an error of the command line or the configuration.
func usage(err error, hint string) error { return &exitError{ExitUsage, err, hint} }

// ending returns what is said of the error that a command ended in: every one of
// those that it was joined of, each on its lines and none twice, and their hints.
func ending(err error) (said, hints []string, code int) {
	var codes []int
	for _, one := range apart(err) {
		e, ok := errors.AsType[*exitError](one)
		if !ok {
			e = &exitError{code: ExitUsage, err: one}
		}
		codes = append(codes, e.code)
		if e.err != nil {
			for line := range strings.SplitSeq(strings.TrimSpace(one.Error()), "\n") {
				said = appendNew(said, "error: "+line)
			}
		}
		if e.hint != "" {
			hints = appendNew(hints, "hint: "+e.hint)
		}
	}
	// That the run may be tried again holds only where nothing else is wrong.
	for _, code := range []int{ExitUsage, ExitFailed, ExitNothing} {
		if slices.Contains(codes, code) {
			return said, hints, code
		}
	}
	return said, hints, ExitEnvironment
}

// apart takes an error that was joined of several into them.
func apart(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var texts []string
	var out []error
	for _, one := range joined.Unwrap() {
		texts = append(texts, one.Error())
		out = append(out, apart(one)...)
	}
	if err.Error() != strings.Join(texts, "\n") {
		return []error{err} // a sentence of its own, which wraps several
	}
	return out
}

func appendNew(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// exitCode returns the exit code of an error that a command ended in.
func exitCode(err error) int {
	if err == nil {
		return ExitPassed
	}
	_, _, code := ending(err)
	return code
}
