package target

import (
	"fmt"
	"strings"
)

// didYouMean ends an error with the wanted word that is nearest to the one
// found, or with nothing where none is near.
func didYouMean(found string, wanted []string) string {
	best, least := "", 3
	for _, w := range wanted {
		if d := distance(plain(found), plain(w)); d < least && d*2 < len(w) {
			best, least = w, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}

// plain makes base_url and BASE-URL the same as baseUrl.
func plain(word string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word))
}

// distance counts the characters to insert, delete or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
