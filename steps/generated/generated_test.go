package generated_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
	"flowtest/steps/generated"
)

func TestUniqueValues(t *testing.T) {
	t.Parallel()
	like := map[string]string{
		"unique":          `^[a-z0-9]{10}$`,
		"unique.email":    `^flowtest-[a-z0-9]{10}@test\.example\.org$`,
		"unique.username": `^flowtest-[a-z0-9]{10}$`,
		"unique.phone":    `^\+1[2-9][0-8][0-9]55501[0-9]{2}$`,
		"unique.password": `^\S{20}$`,
	}
	one, other := generated.Person{Domain: "test.example.org"}, generated.Person{}
	for _, name := range generated.Names() {
		value, ok := one.Value(name, nil)
		require.True(t, ok, name)
		assert.Regexp(t, like[name], value, name)
		assert.True(t, generated.Like(name, value), name)
		again, _ := one.Value(name, nil)
		assert.Equal(t, value, again, name)
		assert.Equal(t, name, one.Made()[value])
		theirs, _ := other.Value(name, nil)
		assert.NotEqual(t, value, theirs, name)
	}
	_, ok := one.Value("unique.name", nil)
	assert.False(t, ok)
	assert.False(t, generated.Like(generated.Email, "alice"))
	assert.False(t, generated.Like(generated.Phone, "alice"))
	assert.False(t, generated.Like(generated.Password, "not-the-password"))
}

func TestAPasswordFitsItsPolicy(t *testing.T) {
	t.Parallel()
	policies := map[string]*davinci.PasswordPolicy{
		"of the shipped recording": {Min: 12, Max: 255, Sets: []davinci.CharacterSet{
			{Of: "0123456789", Min: 1},
			{Of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", Min: 1},
			{Of: "abcdefghijklmnopqrstuvwxyz", Min: 1},
			{Of: "~!@#$%^&*()-_=+[]{}|;:,.<>/?", Min: 1},
		}},
		"short":            {Min: 4, Max: 6, Sets: []davinci.CharacterSet{{Of: "0123456789", Min: 3}}},
		"long":             {Min: 100},
		"many of a few":    {Min: 8, Sets: []davinci.CharacterSet{{Of: "#+", Min: 5}}},
		"of other letters": {Min: 8, Max: 30, Sets: []davinci.CharacterSet{{Of: "äöü", Min: 0}}},
		"a mere maximum":   {Max: 8},
	}
	for name, p := range policies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 {
				value, _ := (&generated.Person{}).Value(generated.Password, p)
				assert.GreaterOrEqual(t, len(value), p.Min)
				if p.Max > 0 {
					assert.LessOrEqual(t, len(value), p.Max)
				}
				for _, s := range p.Sets {
					n := 0
					for _, c := range value {
						if strings.ContainsRune(s.Of, c) {
							n++
						}
					}
					assert.GreaterOrEqual(t, n, s.Min, "%s of %s", value, s.Of)
				}
				assert.True(t, generated.Like(generated.Password, value), value)
			}
		})
	}
	var p generated.Person
	usual, _ := p.Value(generated.Password, nil)
	same, _ := p.Value(generated.Password, policies["of the shipped recording"])
	assert.Equal(t, usual, same, "one that the policy takes stays")
	short, _ := p.Value(generated.Password, policies["short"])
	assert.NotEqual(t, usual, short)
}

func TestMoments(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 28, 23, 30, 15, 99, time.FixedZone("", -3600))
	for name, want := range map[string]string{
		"now": "2026-03-01T00:30:15Z", "now-15s": "2026-03-01T00:30:00Z", "now+90m": "2026-03-01T02:00:15Z",
		"now-1h": "2026-02-28T23:30:15Z", "now+1d": "2026-03-02T00:30:15Z", "today": "2026-03-01",
		"today+30d": "2026-03-31", "today-2w": "2026-02-15", "today-18y": "2008-03-01",
		"today+1h": "", "today+": "", "now+1": "", "tomorrow": "", "now+999999d": "",
	} {
		got, ok := generated.Moment(name, now)
		assert.Equal(t, want != "", ok, name)
		if ok {
			assert.Equal(t, want, got, name)
		}
	}
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, generated.UUID())
}

// The vectors of RFC 6238, appendix B, with SHA-1 and SHA-256.
func TestPasscodes(t *testing.T) {
	t.Parallel()
	const sha1 = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8"
	const sha256 = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA&digits=8&algorithm=SHA256"
	for _, row := range []struct {
		key, code string
		at        int64
	}{
		{sha1, "94287082", 59},
		{sha1, "07081804", 1111111109},
		{sha1, "89005924", 1234567890},
		{sha256, "46119246", 59},
		{sha256, "68084774", 1111111109},
		{"gezd gnbv-gy3t qojq gezd gnbv gy3t qojq", "287082", 59},
	} {
		k, err := generated.ParseKey(row.key)
		require.NoError(t, err)
		assert.True(t, k.Accepts(row.code, time.Unix(row.at, 0)), row.code)
		assert.True(t, k.Accepts(row.code, time.Unix(row.at+30, 0)), "a step late")
		assert.False(t, k.Accepts(row.code, time.Unix(row.at+60, 0)), "two steps late")
		assert.False(t, k.Accepts("", time.Unix(row.at, 0)))
	}
	for text, want := range map[string]string{
		"hunter2!":                 "it is neither an otpauth URL nor a secret in base32",
		"":                         "it is neither an otpauth URL nor a secret in base32",
		"otpauth://totp/x?secret=": "it is neither an otpauth URL nor a secret in base32",
		"otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQ":          "the otpauth URL is not of the type totp",
		"otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&period=0": "the period of the otpauth URL is not from 1 to 3600 seconds",
		"otpauth://totp/%zz?secret=hunter2":                 "the otpauth URL is not a URL",
	} {
		_, err := generated.ParseKey(text)
		require.ErrorContains(t, err, want, text)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

// A code is never used twice: the second waits for the next time step, the one of another
// key does not, and a replay does not wait at all.
func TestNoTimeStepIsUsedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, err := generated.ParseKey("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ&period=60")
		require.NoError(t, err)
		other, err := generated.ParseKey("GEZDGNBVGY3TQOJR")
		require.NoError(t, err)
		began := time.Now()
		var l generated.Ledger
		codes := map[string]bool{}
		for range 3 {
			code, err := l.Code(t.Context(), k)
			require.NoError(t, err)
			assert.True(t, k.Accepts(code, time.Now()))
			codes[code] = true
		}
		assert.Len(t, codes, 3)
		waited := time.Since(began)
		assert.Greater(t, waited, time.Minute)
		assert.LessOrEqual(t, waited, 2*time.Minute)
		_, err = l.Code(t.Context(), other)
		require.NoError(t, err)
		assert.Equal(t, waited, time.Since(began))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = l.Code(ctx, k)
		require.ErrorContains(t, err, "waiting for the next one-time code: context deadline exceeded")

		ahead := generated.Ledger{Ahead: true}
		began = time.Now()
		for range 5 {
			code, err := ahead.Code(t.Context(), k)
			require.NoError(t, err)
			assert.True(t, k.Accepts(code, time.Now()))
		}
		assert.Equal(t, began, time.Now())
	})
}
