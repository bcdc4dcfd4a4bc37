package words

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slips counts the characters to insert, delete, replace or swap with their neighbor to
// turn one name into the other. Near is true if the count is at most three and less
// than half the length of the wanted name. Case, spaces, hyphens and underscores are
// ignored, so base_url equals baseUrl. Of long texts only the beginning is compared.
func Slips(found, wanted string) (slips int, near bool) {
	const most = 3
	f, w := plain(found), plain(wanted)
	slips = distance(f, w)
	switch n := len(w); {
	case n < 2: // another letter is another name
		return slips, slips == 0
	case n == 2:
		return slips, slips < n
	default:
		return slips, slips <= min(most, (n-1)/2)
	}
}

// Nearest returns the known name that is most similar to an unknown one, the first if several
// are, and "" if none is similar.
func Nearest(found string, known []string) string {
	best, least := "", 0
	for _, k := range known {
		if n, near := Slips(found, k); near && (best == "" || n < least) {
			best, least = k, n
		}
	}
	return best
}

// DidYouMean returns a question for the most similar known name, to follow other text,
// as in `; did you mean "username"?`. It returns "" if none is similar.
func DidYouMean(text, found string, known []string) string {
	near := Nearest(found, known)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("%sdid you mean %q?", text, near)
}

// plain returns the characters of a name that count.
func plain(name string) []rune {
	const long = 100 // characters, since the time to compare grows with the square
	out := make([]rune, 0, min(len(name), long))
	for _, r := range name {
		if r == '-' || r == '_' || unicode.IsSpace(r) {
			continue
		}
		if out = append(out, unicode.ToLower(r)); len(out) == long {
			break
		}
	}
	if len(out) == 0 { // nothing but signs, and those are the name
		return []rune(strings.ToValidUTF8(name[:min(len(name), long*utf8.UTFMax)], ""))
	}
	return out
}

// distance is the optimal string alignment distance of two texts. The library for
// Levenshtein's counts two letters that changed places, the most common slip of
// all, as two.
func distance(a, b []rune) int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
