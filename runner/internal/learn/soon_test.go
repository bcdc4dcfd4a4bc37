package learn_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/learn"
)

// A service may answer both journeys within a second: what is due soon is generated all the
// same, and what stays while time passes is not.
func TestTimesOfJourneysWithinASecond(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 11, 23, 9, 5, 0, 0, time.UTC)
	transcripts := twice(func(k *talk) {
		k.start(`"until":"Your code is valid until 2026-11-23T09:05:00Z only.","at":"2026-11-23T09:05:00.000Z","unix":` +
			strconv.FormatInt(due.Unix(), 10) + `,"later":"2026-12-23T09:05:00Z","year":1999999999`)
	})
	kept := `Your code is valid until 2026-11-23T09:05:00Z only. 2026-11-23T09:05:00.000Z ` + strconv.FormatInt(due.Unix(), 10)
	variables := `Your code is valid until {{minted.until:time in 5m as 2006-01-02T15:04:05Z}} only. ` +
		`{{minted.at:time in 5m as 2006-01-02T15:04:05.000Z}} {{minted.unix:number time in 5m as unix}}`
	for _, row := range []struct {
		apart time.Duration
		want  string
	}{{0, variables}, {10 * time.Second, kept}} {
		for i := range transcripts[1] {
			transcripts[1][i].Began = transcripts[1][i].Began.Add(row.apart)
		}
		body := gjson.ParseBytes(learned(t, transcripts, learn.Options{Name: "demo"}).Flow.Hops[0].Response.JSON.Text)
		assert.Equal(t, row.want, body.Get("until").String()+" "+body.Get("at").String()+" "+body.Get("unix").String())
		assert.Equal(t, "2026-12-23T09:05:00Z 1999999999", body.Get("later").String()+" "+body.Get("year").String(), "due in a month")
	}
}

// Base64 is one value, whatever its signs are and wherever they are in it.
func TestBase64IsOneValue(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		first, second, want string
	}{
		"32 bytes":                    {"q7Vx2mK9sT4bL0aZ8cW6eR1yU3iO5pH7jD9fG2kN4vM=", "Z1bY8nC5xQ2wE7rT0yU4iO9pA3sD6fG8hJ1kL5zX0cM=", "base64-32"},
		"33 bytes":                    {"q7Vx2mK9sT4bL0aZ8cW6eR1yU3iO5pH7jD9fG2kN4vMx", "Z1bY8nC5xQ2wE7rT0yU4iO9pA3sD6fG8hJ1kL5zX0/Mx", "base64-33"},
		"signs between other letters": {"q7Vx2mK9sT4bL0aZ8cW6eR1yU3iO5pH7+Dabc2kN4vM=", "Z+bY8nC5xQ2wE7rT0yU4iO9pA3sD6fG8hJ1kL5zX0cM=", "base64-32"},
		"signs around a word":         {"ab+x2mK9sT4bL0aZ8cW6eR1yU3iO5pH7jD9fG2kN4vM=", "Zz+Y8nC5xQ2wE7rT0yU4iO9pA3sD6fG8hJ1kL5zX0cM=", "base64-32"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := learned(t, twice(func(k *talk) {
				k.start(`"proof":"` + []string{row.first, row.second}[k.number-1] + `"`)
			}), learn.Options{Name: "demo"})
			assert.Equal(t, "{{minted.proof:"+row.want+"}}", gjson.GetBytes(got.Flow.Hops[0].Response.JSON.Text, "proof").String())
			assert.Empty(t, got.Unsure)
		})
	}
}
