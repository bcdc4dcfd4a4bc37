package users

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"flowtest/steps/words"
)

// A Leftover is a user that a run of flowtest created and did not remove.
type Leftover struct {
	ID, Username, Run string
	Made              time.Time // zero if the answer does not say
}

// Leftovers returns the users of the population that have the mark of any run and were created
// before a time, and those without a creation time. Later is the number of users that were
// created since.
func (d *Directory) Leftovers(ctx context.Context, before time.Time) (old []Leftover, later int, err error) {
	home, err := d.home(ctx)
	if err != nil {
		return nil, 0, err
	}
	list, err := d.client.Items(ctx, "/users"+filter("population.id", home), "users")
	if err != nil {
		return nil, 0, explain(err)
	}
	for _, u := range list {
		made, _ := time.Parse(time.RFC3339, u.Get("createdAt").Str)
		switch {
		case owned(u, Mark, home) != nil:
		case made.IsZero() || made.Before(before):
			old = append(old, Leftover{
				u.Get("id").Str, u.Get("username").Str, strings.TrimPrefix(u.Get("externalId").Str, Mark), made,
			})
		default:
			later++
		}
	}
	return old, later, nil
}

// Clean removes the leftovers that were created before a time, and calls say with a line
// about each: its name, and whether it was removed. If dry is set, it removes none. It never
// removes a user without a creation time. The error says how many could not be removed.
func (d *Directory) Clean(ctx context.Context, before time.Time, dry bool, say func(string)) error {
	list, later, err := d.Leftovers(ctx, before)
	if err != nil {
		return err
	}
	stayed, undated := 0, 0
	for _, l := range list {
		who := fmt.Sprintf("%q, of the run %q", l.Username, l.Run)
		if l.Made.IsZero() {
			undated++
			say(who + ", was not removed: the environment does not say when the user was created")
			continue
		}
		what := "would be removed"
		if !dry {
			what = "was removed"
			if err := d.Remove(ctx, l); err != nil {
				what = "was not removed: " + err.Error()
				stayed++
			}
		}
		say(who + ", created " + l.Made.UTC().Format(time.RFC3339) + ", " + what)
	}
	say(words.Count(len(list)-undated, "user") + " with the mark of flowtest in the population " +
		strconv.Quote(d.name) + ", created before " + before.UTC().Format(time.RFC3339))
	if later > 0 {
		say(words.Count(later, "user") +
			" created since then, which a run in progress may need: --older-than 0s includes them")
	}
	if stayed > 0 {
		return fmt.Errorf("%s could not be removed", words.Count(stayed, "user"))
	}
	return nil
}

// Remove deletes a leftover. It first checks the mark and the population again.
func (d *Directory) Remove(ctx context.Context, l Leftover) error {
	home, err := d.home(ctx)
	if err != nil {
		return err
	}
	now, err := d.client.Get(ctx, "/users/"+l.ID)
	if err == nil {
		err = owned(now, Mark, home)
	}
	if err == nil {
		_, err = d.client.Write(ctx, http.MethodDelete, "/users/"+l.ID, "", nil)
	}
	if isGone(err) {
		return nil
	}
	return explain(err)
}
