package learn_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/learn"
)

// No password at all is answered in another way than a wrong one.
func TestAnEmptyPasswordIsNoWrongOne(t *testing.T) {
	t.Parallel()
	users := map[string]map[string]string{"zoe": {"username": "zoe", "password": "right-1"}}
	typed := func(password string) string { return `{"username":"zoe","password":"` + password + `"}` }
	missing := strings.Replace(refused, "That was wrong", "A password is needed", 1)
	for name, row := range map[string]struct {
		empty string // the answer to none
		want  map[string]any
	}{
		"answered otherwise": {missing, map[string]any{"username": "${user.username}", "password": ""}},
		"answered alike":     {refused, map[string]any{"username": "${user.username}"}},
	} {
		transcripts := both(twice(func(k *talk) {
			k.start("")
			k.post(typed("wrong-1"), http.StatusBadRequest, refused)
		}), twice(func(k *talk) {
			k.number += 10
			k.start("")
			k.post(typed(""), http.StatusBadRequest, row.empty)
			k.post(typed("right-1"), http.StatusOK, completed(k))
		}))
		got := learned(t, seen(transcripts), learn.Options{Name: "demo", Users: users})
		assert.Empty(t, got.Warnings, name)
		found := false
		for _, h := range got.Flow.Hops {
			if form := h.Request.FormData(); form["password"] == row.want["password"] && len(form) == len(row.want) {
				found = true
			}
		}
		assert.True(t, found, "%s: %v", name, hopsOf(got.Flow))
	}
}
