package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/secret"
)

const hidden = "hunter2-and-more"

// holder keeps secrets as the structs of a configuration do.
type holder struct {
	Name   string
	Public secret.Value
	Nested *struct{ Value secret.Value }
	List   []secret.Value
	Map    map[string]secret.Value
	Any    any
	own    secret.Value // fmt calls no method of a field that is not exported
}

func held() holder {
	v := secret.New(hidden)
	return holder{
		Name: "alice", Public: v, Nested: &struct{ Value secret.Value }{v}, List: []secret.Value{v},
		Map: map[string]secret.Value{"a": v}, Any: v, own: v,
	}
}

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "% x", "%20s", "%.2s", "%t", "%c", "%U", "%e", "%z"}

func TestNoVerbPrintsAValue(t *testing.T) {
	for _, verb := range verbs {
		t.Run(verb, func(t *testing.T) {
			assert.Equal(t, secret.Redacted, fmt.Sprintf(verb, secret.New(hidden)))
			v := secret.New(hidden)
			assert.NotContains(t, fmt.Sprintf(verb, &v), hidden, "nor through a pointer")
			assert.Empty(t, fmt.Sprintf(verb, secret.New("")), "there is nothing to hide")
		})
	}
}

func TestNoVerbPrintsAValueInsideOfSomethingElse(t *testing.T) {
	inHex := fmt.Sprintf("%x", hidden)
	inBytes := fmt.Sprintf("%d", []byte(hidden))
	for _, verb := range verbs {
		for name, v := range map[string]any{
			"a struct": held(), "a pointer": new(held()), "a slice": []secret.Value{secret.New(hidden)},
			"a map": map[string]secret.Value{"a": secret.New(hidden)}, "a key": map[secret.Value]int{secret.New(hidden): 1},
			"a field that is not exported": struct{ v secret.Value }{secret.New(hidden)},
		} {
			t.Run(verb+" "+name, func(t *testing.T) {
				got := fmt.Sprintf(verb, v)
				for _, leak := range []string{hidden, inHex, inBytes[1 : len(inBytes)-1]} {
					assert.NotContains(t, got, leak)
				}
			})
		}
	}
}

func TestNoEncoderWritesAValue(t *testing.T) {
	got, err := json.Marshal(held())
	require.NoError(t, err)
	assert.JSONEq(t, `{"Name":"alice","Public":"[redacted]","Nested":{"Value":"[redacted]"},"List":["[redacted]"],
		"Map":{"a":"[redacted]"},"Any":"[redacted]"}`, string(got))

	got, err = json.Marshal(map[secret.Value]int{secret.New(hidden): 1})
	require.NoError(t, err)
	assert.JSONEq(t, `{"[redacted]":1}`, string(got))

	got, err = secret.New(hidden).MarshalText()
	require.NoError(t, err)
	assert.Equal(t, secret.Redacted, string(got))

	got, err = json.Marshal(secret.New(""))
	require.NoError(t, err)
	assert.JSONEq(t, `""`, string(got))
}

func TestNoLoggerWritesAValue(t *testing.T) {
	var out bytes.Buffer
	for name, h := range map[string]slog.Handler{
		"text": slog.NewTextHandler(&out, nil), "JSON": slog.NewJSONHandler(&out, nil),
	} {
		t.Run(name, func(t *testing.T) {
			out.Reset()
			v := secret.New(hidden)
			log := slog.New(h).With("with", v)
			log.Info("m", "value", v, "pointer", &v, "holder", held(), "group", slog.GroupValue(slog.Any("in", v)))
			log.Info(v.String(), "formatted", fmt.Sprint(v), "list", []secret.Value{v})
			assert.NotContains(t, out.String(), hidden)
			assert.Contains(t, out.String(), secret.Redacted)
		})
	}
	assert.Equal(t, secret.Redacted, secret.New(hidden).LogValue().String())
}

func TestRevealReturnsTheValue(t *testing.T) {
	assert.Equal(t, hidden, secret.New(hidden).Reveal())
	assert.Equal(t, secret.Value{}, secret.New(""))
	assert.Empty(t, secret.Value{}.Reveal())
	assert.Empty(t, secret.Value{}.String())
	assert.Empty(t, secret.New("").String())
	assert.Equal(t, "[redacted]", secret.New(hidden).String())
}

func TestNoErrorHoldsAValue(t *testing.T) {
	assert.EqualError(t, fmt.Errorf("act with %v and %q: no", secret.New(hidden), secret.New(hidden)),
		"act with [redacted] and [redacted]: no")
}
