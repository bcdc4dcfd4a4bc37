package davinci

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// callingCodes are the calling codes with the country that a number belongs to. Of those
// that several countries share it is the largest.
//
// Source: ITU-T E.164, list of country codes assigned.
const callingCodes = "1US 7RU 20EG 27ZA 30GR 31NL 32BE 33FR 34ES 36HU 39IT 40RO 41CH 43AT 44GB 45DK 46SE 47NO 48PL " +
	"49DE 51PE 52MX 53CU 54AR 55BR 56CL 57CO 58VE 60MY 61AU 62ID 63PH 64NZ 65SG 66TH 81JP 82KR 84VN 86CN 90TR 91IN " +
	"92PK 93AF 94LK 95MM 98IR 211SS 212MA 213DZ 216TN 218LY 220GM 221SN 222MR 223ML 224GN 225CI 226BF 227NE 228TG " +
	"229BJ 230MU 231LR 232SL 233GH 234NG 235TD 236CF 237CM 238CV 239ST 240GQ 241GA 242CG 243CD 244AO 245GW 248SC " +
	"249SD 250RW 251ET 252SO 253DJ 254KE 255TZ 256UG 257BI 258MZ 260ZM 261MG 262RE 263ZW 264NA 265MW 266LS 267BW " +
	"268SZ 269KM 290SH 291ER 297AW 298FO 299GL 350GI 351PT 352LU 353IE 354IS 355AL 356MT 357CY 358FI 359BG 370LT " +
	"371LV 372EE 373MD 374AM 375BY 376AD 377MC 378SM 380UA 381RS 382ME 383XK 385HR 386SI 387BA 389MK 420CZ 421SK " +
	"423LI 500FK 501BZ 502GT 503SV 504HN 505NI 506CR 507PA 508PM 509HT 590GP 591BO 592GY 593EC 594GF 595PY 596MQ " +
	"597SR 598UY 599CW 670TL 672NF 673BN 674NR 675PG 676TO 677SB 678VU 679FJ 680PW 681WF 682CK 683NU 685WS 686KI " +
	"687NC 688TV 689PF 690TK 691FM 692MH 850KP 852HK 853MO 855KH 856LA 880BD 886TW 960MV 961LB 962JO 963SY 964IQ " +
	"965KW 966SA 967YE 968OM 970PS 971AE 972IL 973BH 974QA 975BT 976MN 977NP 992TJ 993TM 994AZ 995GE 996KG 998UZ"

// sharing are further countries of a calling code.
var sharing = map[string][]string{
	"1": {
		"CA", "PR", "DO", "JM", "BS", "BB", "TT", "AG", "AI", "BM", "DM", "GD", "GU", "KN", "KY", "LC", "MS",
		"VC", "VG", "VI",
	},
	"7":  {"KZ"},
	"39": {"VA"}, "44": {"GG", "IM", "JE"}, "47": {"SJ"}, "61": {"CC", "CX"}, "212": {"EH"}, "262": {"YT"},
	"358": {"AX"}, "590": {"BL", "MF"}, "599": {"BQ"},
}

// The keys of the object that a PHONE_NUMBER posts.
var phoneKeys = []string{"countryCode", "phoneNumber", "extension"}

var (
	phoneText      = regexp.MustCompile(`^\+?[0-9][0-9 ().\-/\x{a0}]*$`)
	phoneExtension = regexp.MustCompile(`(?i)[ ,;]*(?:ext\.?|x|#)[ =]*([0-9]+)$`)
	trunk          = regexp.MustCompile(`\(0\)`) // as in +41 (0)79, which is not dialed
	noDigits       = regexp.MustCompile(`[^0-9]+`)
)

// encodePhone takes a phone number as people write it, or the JSON object that is posted.
//
// Source: the values that Ping's SDKs post: countryCode is that of the country, as in US.
func (f *Field) encodePhone(text string) (string, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") {
		return f.phoneObject(text)
	}
	wrong := func(why string) error {
		return fmt.Errorf("%s takes a number as in +41 79 123 45 67, or a JSON object with countryCode and "+
			"phoneNumber%s", f.named(), why)
	}
	extension := ""
	if m := phoneExtension.FindStringSubmatch(text); m != nil {
		text, extension = strings.TrimSuffix(text, m[0]), `,"extension":`+Quote(m[1])
	}
	if !phoneText.MatchString(text) {
		return "", wrong("")
	}
	usual := f.Raw.Get("defaultCountryCode").String()
	country, number := usual, noDigits.ReplaceAllString(text, "")
	if strings.HasPrefix(text, "+") {
		number = noDigits.ReplaceAllString(trunk.ReplaceAllString(text, ""), "")
		var code string
		if code, country = countryOf(number); country == "" {
			return "", wrong("; no country has the calling code of this one")
		}
		if slices.Contains(sharing[code], usual) {
			country = usual
		}
		number = number[len(code):]
	}
	if country == "" {
		return "", wrong("; the field has no country of its own, so that one is needed")
	}
	return `{"countryCode":` + Quote(country) + `,"phoneNumber":` + Quote(number) + extension + `}`, nil
}

// countryOf returns the calling code with which a number begins, and its country.
func countryOf(number string) (code, country string) {
	for entry := range strings.FieldsSeq(callingCodes) {
		code, country := entry[:len(entry)-2], entry[len(entry)-2:]
		if strings.HasPrefix(number, code) { // no code begins with another
			return code, country
		}
	}
	return "", ""
}

// phoneObject takes the JSON object that is posted, and looks at its keys.
func (f *Field) phoneObject(text string) (string, error) {
	if !gjson.Valid(text) {
		return "", fmt.Errorf("%s takes a JSON object, and this is not JSON", f.named())
	}
	top := gjson.Parse(text)
	var err error
	top.ForEach(func(key, value gjson.Result) bool {
		switch {
		case !slices.Contains(phoneKeys, key.Str):
			err = fmt.Errorf("%s has no key %q, it has %s", f.named(), key.Str, strings.Join(phoneKeys, ", "))
		case value.Type != gjson.String:
			err = fmt.Errorf("%s takes a string for %s, in quotes", f.named(), key.Str)
		}
		return err == nil
	})
	for _, key := range phoneKeys[:2] {
		if err == nil && !top.Get(key).Exists() {
			err = fmt.Errorf("%s lacks %s, want countryCode and phoneNumber", f.named(), key)
		}
	}
	return text, err
}
