package generated

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// A Key computes one-time codes that are valid for a time step.
//
// Source: RFC 6238, and the "Key Uri Format" of otpauth URLs.
type Key struct {
	secret string
	period int64 // seconds
	opts   totp.ValidateOpts
}

const usualPeriod = 30

var base32 = regexp.MustCompile(`^[A-Z2-7]{16,}$`)

// ParseKey reads an otpauth URL of type totp, or a secret in base32 with 6 digits every 30
// seconds; small letters, spaces, dashes and padding in a secret do not count. The error
// does not show the text.
func ParseKey(text string) (*Key, error) {
	k := &Key{secret: text, period: usualPeriod, opts: totp.ValidateOpts{Digits: otp.DigitsSix}}
	if strings.HasPrefix(strings.ToLower(text), "otpauth:") {
		u, err := otp.NewKeyFromURL(strings.TrimSpace(text))
		if err != nil {
			return nil, errors.New("the otpauth URL is not a URL")
		}
		if u.Type() != "totp" {
			return nil, errors.New("the otpauth URL is not of the type totp")
		}
		k.secret, k.period = u.Secret(), int64(u.Period()) //nolint:gosec // bounded below
		k.opts.Digits, k.opts.Algorithm = u.Digits(), u.Algorithm()
		if k.period < 1 || k.period > 3600 {
			return nil, errors.New("the period of the otpauth URL is not from 1 to 3600 seconds")
		}
	}
	k.secret = strings.TrimRight(strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(k.secret)), "=")
	if !base32.MatchString(k.secret) {
		return nil, errors.New("it is neither an otpauth URL nor a secret in base32, which has 16 or more of the " +
			"letters A to Z and the digits 2 to 7")
	}
	k.opts.Period = uint(k.period) //nolint:gosec // bounded above
	if _, err := totp.GenerateCodeCustom(k.secret, time.Unix(0, 0), k.opts); err != nil {
		return nil, errors.New("no code can be computed from it")
	}
	return k, nil
}

// NewKey returns an otpauth URL with a new secret.
//
//	account  whose it is, as an app shows it
func NewKey(account string) string {
	const length = 32
	return "otpauth://totp/flowtest:" + url.PathEscape(account) + "?secret=" + draw(upper+"234567", length) +
		"&issuer=flowtest"
}

// Secret returns the secret in base32, for a redactor to hide.
func (k *Key) Secret() string { return k.secret }

// code returns the code of a time step.
func (k *Key) code(step int64) string {
	code, _ := totp.GenerateCodeCustom(k.secret, time.Unix(step*k.period, 0), k.opts) // computed once before
	return code
}

func (k *Key) step(t time.Time) int64 { return t.Unix() / k.period }

// At returns the code of the time step at t.
func (k *Key) At(t time.Time) string { return k.code(k.step(t)) }

// What a replay accepts before and after the present time step. Those after it are for
// scenarios that need several codes and do not wait in a replay.
const (
	secondsBefore = 30
	stepsAfter    = 8
)

// Accepts reports whether a code is one of the present time step or near it.
func (k *Key) Accepts(code string, t time.Time) bool {
	now := k.step(t)
	for step := now - max(1, secondsBefore/k.period); step <= now+stepsAfter; step++ {
		if k.code(step) == code {
			return true
		}
	}
	return false
}

// A Ledger returns the codes of each key, each time step's code once. The zero value is
// ready for use, by several goroutines at once.
type Ledger struct {
	// Ahead returns the code of the next time step at once, instead of waiting for that
	// step to begin. Optional.
	Ahead bool

	mu   sync.Mutex
	last map[string]int64 // the last step that was used, by secret
}

// Code returns the code of the first time step, from the present one on, whose code was
// not returned before. It waits until that step begins. The error is that of the
// context.
func (l *Ledger) Code(ctx context.Context, k *Key) (string, error) {
	step := l.reserve(k, k.step(time.Now()))
	wait := time.Until(time.Unix(step*k.period, 0))
	if l.Ahead || wait <= 0 {
		return k.code(step), nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return k.code(step), nil
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for the next one-time code: %w", context.Cause(ctx))
	}
}

// reserve notes that a step is used: now, or the one after the last.
func (l *Ledger) reserve(k *Key, now int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, ok := l.last[k.secret]; ok {
		now = max(now, last+1)
	}
	if l.last == nil {
		l.last = map[string]int64{}
	}
	l.last[k.secret] = now
	return now
}
