package generated

import (
	"encoding/hex"
	"slices"
	"strings"

	"flowtest/steps/davinci"
)

const (
	usualLength = 20
	// plain are the signs that are taken first: they need no escape anywhere.
	plain = "-_.!"
)

// password makes a password that a policy takes, nil for what most ask for. It has a
// capital, a small letter and a digit where the policy leaves room, and no character
// twice while there are others.
func password(policy *davinci.PasswordPolicy) string {
	p := davinci.PasswordPolicy{Sets: []davinci.CharacterSet{{Of: plain, Min: 1}}}
	if policy != nil {
		p = *policy
	}
	length := max(usualLength, p.Min)
	if p.Max > 0 {
		length = min(length, p.Max)
	}
	usual := []davinci.CharacterSet{{Of: upper, Min: 1}, {Of: lower, Min: 1}, {Of: digits, Min: 1}}
	sets := slices.Concat(p.Sets, usual)
	var chosen []byte
	for i, s := range sets {
		has := 0
		for _, c := range chosen {
			if strings.IndexByte(s.Of, c) >= 0 {
				has++
			}
		}
		own := i < len(p.Sets)
		for ; has < s.Min && (own || len(chosen) < length); has++ {
			chosen = another(chosen, easy(s.Of))
		}
	}
	for len(chosen) < length {
		chosen = another(chosen, upper+lower+digits)
	}
	for i := range chosen { // a shuffle
		j := i + below(len(chosen)-i)
		chosen[i], chosen[j] = chosen[j], chosen[i]
	}
	return string(chosen)
}

// another appends a character of ASCII of a set, one that is not yet there if there is one.
func another(chosen []byte, from string) []byte {
	var all, free []byte
	for _, c := range []byte(from) {
		if c <= '~' {
			all = append(all, c)
		}
		if c <= '~' && !slices.Contains(chosen, c) {
			free = append(free, c)
		}
	}
	if len(free) == 0 {
		free = all
	}
	if len(free) == 0 {
		return chosen
	}
	return append(chosen, free[below(len(free))])
}

// easy returns the plain signs of a set that has some.
func easy(set string) string {
	signs := strings.Map(func(r rune) rune {
		if strings.ContainsRune(plain, r) {
			return r
		}
		return -1
	}, set)
	if signs == "" || len(signs) < len(plain) && strings.ContainsAny(set, upper+lower+digits) {
		return set
	}
	return signs
}

// fits reports whether a policy takes a password.
func fits(password string, p *davinci.PasswordPolicy) bool {
	if len(password) < p.Min || p.Max > 0 && len(password) > p.Max {
		return false
	}
	for _, s := range p.Sets {
		has := 0
		for _, c := range password {
			if strings.ContainsRune(s.Of, c) {
				has++
			}
		}
		if has < s.Min {
			return false
		}
	}
	return true
}

// formatUUID writes 16 bytes as a UUID.
func formatUUID(b []byte) string {
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
