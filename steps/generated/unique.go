// Package generated generates the values of a person: values that are new in every
// attempt of a scenario, passwords that a policy accepts, one-time codes, and passkeys.
// It also recognizes such values. It does not know scenarios.
//
// [ParseKey] reads the key of one-time codes, an [Authenticator] makes passkeys, and a [Person]
// has the unique values of one scenario.
package generated

import (
	"crypto/rand"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"flowtest/steps/davinci"
)

// TOTP is the attribute of a user from which one-time codes are computed: an otpauth URL
// or a secret in base32. The others are the names of the unique values.
const (
	TOTP     = "totp"
	Unique   = "unique"
	Email    = "unique.email"
	Username = "unique.username"
	Phone    = "unique.phone"
	Password = "unique.password"
)

// Names returns the names of the unique values, in the order in which people read them.
// The slice is the caller's own.
func Names() []string { return []string{Unique, Email, Username, Phone, Password} }

// defaultDomain is where unique email addresses are by default.
const defaultDomain = "example.com"

// A Person has the unique values of one attempt of a scenario. The zero value generates
// them when they are first needed.
type Person struct {
	// Domain is the domain of the email address. Empty means example.com, where no mailbox can
	// exist. Optional.
	Domain string

	made map[string]string
}

// Value returns the unique value of that name, and whether there is one.
//
//	policy  what a password has to be like; nil means what most policies ask for
//
// It is always the same, except for a password that the policy refuses.
func (p *Person) Value(name string, policy *davinci.PasswordPolicy) (value string, ok bool) {
	if !slices.Contains(Names(), name) {
		return "", false
	}
	value, ok = p.made[name]
	if ok && (name != Password || policy == nil || fits(value, policy)) {
		return value, true
	}
	switch name {
	case Unique:
		value = draw(lower+digits, uniqueLength)
	case Email:
		base, _ := p.Value(Unique, nil)
		value = "flowtest-" + base + "@" + p.domain()
	case Username:
		base, _ := p.Value(Unique, nil)
		value = "flowtest-" + base
	case Phone:
		value = "+1" + draw("23456789", 1) + draw("02345678", 1) + draw(digits, 1) + "55501" + draw(digits, 2)
	case Password:
		value = password(policy)
	}
	if p.made == nil {
		p.made = map[string]string{}
	}
	p.made[name] = value
	return value, true
}

func (p *Person) domain() string {
	if p.Domain == "" {
		return defaultDomain
	}
	return p.Domain
}

// Made returns the names of the values that were used, by value.
func (p *Person) Made() map[string]string {
	out := make(map[string]string, len(p.made))
	for name, value := range p.made {
		out[value] = name
	}
	return out
}

const (
	uniqueLength = 10
	lower        = "abcdefghijklmnopqrstuvwxyz"
	upper        = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits       = "0123456789"
)

var (
	likeEmail = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	likePhone = regexp.MustCompile(`^\+?[0-9][0-9 ().\-/]{5,}$`)
)

// Like reports whether a value may be the unique value of that name in another attempt.
func Like(name, value string) bool {
	switch name {
	case Email:
		return likeEmail.MatchString(value)
	case Phone:
		return likePhone.MatchString(value)
	case Password:
		return strings.ContainsFunc(value, unicode.IsUpper) && strings.ContainsFunc(value, unicode.IsLower) &&
			strings.ContainsFunc(value, unicode.IsDigit)
	default:
		return value != ""
	}
}

// draw returns n characters of a set.
func draw(set string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(set[below(len(set))])
	}
	return b.String()
}

// below returns a number from 0 to n-1.
func below(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil { // crypto/rand has no errors any longer
		panic(err)
	}
	return int(i.Int64())
}

// UUID returns a random UUID.
func UUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return formatUUID(b)
}

// Moment returns the time for now or today with an offset, such as now-90s or today+30d,
// and whether the name is one of these. The units of offsets are s, m, h, d, w and y;
// for today only d, w and y. Times and dates are UTC.
func Moment(name string, now time.Time) (value string, ok bool) {
	m := moment.FindStringSubmatch(name)
	if m == nil {
		return "", false
	}
	n, day := 0, 24*time.Hour
	for _, c := range m[2] { // the pattern has few digits
		if unicode.IsDigit(c) {
			n = n*10 + int(c-'0')
		}
	}
	if strings.HasPrefix(m[2], "-") {
		n = -n
	}
	at := now.UTC()
	switch m[3] {
	case "s":
		at = at.Add(time.Duration(n) * time.Second)
	case "m":
		at = at.Add(time.Duration(n) * time.Minute)
	case "h":
		at = at.Add(time.Duration(n) * time.Hour)
	case "d":
		at = at.Add(time.Duration(n) * day)
	case "w":
		at = at.Add(time.Duration(n) * 7 * day)
	case "y":
		at = at.AddDate(n, 0, 0)
	}
	if m[1] == "now" {
		return at.Format(time.RFC3339), true
	}
	return at.Format(time.DateOnly), !strings.ContainsAny(m[3], "smh")
}

var moment = regexp.MustCompile(`^(now|today)(?:([+-][0-9]{1,5})([smhdwy]))?$`)
