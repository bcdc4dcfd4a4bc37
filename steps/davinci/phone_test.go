package davinci_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

// fieldOf returns a field of a screen.
func fieldOf(t *testing.T, raw string) *davinci.Field {
	t.Helper()
	body := `{"capabilityName":"customForm","_links":{"next":{"href":"https://a.example.com/capabilities/customForm"}},"form":{"components":{"fields":[` + raw + `]}}}`
	screen := davinci.Reader{}.Read(http.StatusOK, nil, []byte(body)).Screen()
	require.NotNil(t, screen)
	return &screen.Fields[0]
}

func TestAPhoneNumberIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	const none, canada = `{"type":"PHONE_NUMBER","key":"p"}`, `{"type":"PHONE_NUMBER","key":"p","defaultCountryCode":"CA"}`
	const takes = `the PHONE_NUMBER takes a number as in +41 79 123 45 67, or a JSON object with countryCode and phoneNumber`
	for text, row := range map[string]struct{ field, want, wrong string }{
		"+41 79 123 45 67":        {none, `{"countryCode":"CH","phoneNumber":"791234567"}`, ""},
		" +41 (0)79/123-45.67 ":   {none, `{"countryCode":"CH","phoneNumber":"791234567"}`, ""},
		"+352 621 123 456":        {none, `{"countryCode":"LU","phoneNumber":"621123456"}`, ""},
		"+1 (555) 010-0100":       {none, `{"countryCode":"US","phoneNumber":"5550100100"}`, ""},
		"+1 555 010 0100":         {canada, `{"countryCode":"CA","phoneNumber":"5550100100"}`, ""},
		"+44 7700 900123 ext. 12": {canada, `{"countryCode":"GB","phoneNumber":"7700900123","extension":"12"}`, ""},
		"555 0100":                {canada, `{"countryCode":"CA","phoneNumber":"5550100"}`, ""},
		"5550100":                 {none, "", takes + "; the field has no country of its own, so that one is needed"},
		"+999 1":                  {none, "", takes + "; no country has the calling code of this one"},
		"call me":                 {canada, "", takes},
		"":                        {canada, "", takes},
		`{"countryCode": "GB", "phoneNumber": "7"}`:              {none, `{"countryCode": "GB", "phoneNumber": "7"}`, ""},
		`{"countryCode":"GB","phoneNumber":"7","extension":"1"}`: {none, `{"countryCode":"GB","phoneNumber":"7","extension":"1"}`, ""},
		`{"country":"GB","phoneNumber":"7"}`:                     {none, "", `the PHONE_NUMBER has no key "country", it has countryCode, phoneNumber, extension`},
		`{"countryCode":"GB"}`:                                   {none, "", `the PHONE_NUMBER lacks phoneNumber, want countryCode and phoneNumber`},
		`{"countryCode":"GB","phoneNumber":7}`:                   {none, "", `the PHONE_NUMBER takes a string for phoneNumber, in quotes`},
		`{"countryCode":"GB","phoneNumber":"7"`:                  {none, "", `the PHONE_NUMBER takes a JSON object, and this is not JSON`},
	} {
		got, err := fieldOf(t, row.field).Encode(text)
		if row.wrong != "" {
			require.EqualError(t, err, row.wrong, text)
			continue
		}
		require.NoError(t, err, text)
		assert.Equal(t, row.want, got, text)
	}
}
