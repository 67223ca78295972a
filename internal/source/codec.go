package source

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// lookup finds a codec by the names that Python has for it, nil if it is not
// known. A switch, because x/text's index of all names builds maps at each
// start, which few starts need. Where the libraries have but one table for two
// relatives, such as gb2312 and gbk, it is the larger.
func lookup(name string) encoding.Encoding {
	switch strings.ReplaceAll(name, "-", "_") {
	case "iso_8859_1": // as canonical folds its names
		return charmap.ISO8859_1
	case "037", "cp037", "csibm037", "ebcdic_cp_ca", "ebcdic_cp_nl", "ebcdic_cp_us", "ebcdic_cp_wt", "ibm037", "ibm039":
		return charmap.CodePage037
	case "1140", "cp1140", "ibm1140":
		return charmap.CodePage1140
	case "437", "cp437", "cspc8codepage437", "ibm437":
		return charmap.CodePage437
	case "850", "cp850", "cspc850multilingual", "ibm850":
		return charmap.CodePage850
	case "852", "cp852", "cspcp852", "ibm852":
		return charmap.CodePage852
	case "855", "cp855", "csibm855", "ibm855":
		return charmap.CodePage855
	case "858", "cp858", "csibm858", "ibm858":
		return charmap.CodePage858
	case "860", "cp860", "csibm860", "ibm860":
		return charmap.CodePage860
	case "862", "cp862", "cspc862latinhebrew", "ibm862":
		return charmap.CodePage862
	case "863", "cp863", "csibm863", "ibm863":
		return charmap.CodePage863
	case "865", "cp865", "csibm865", "ibm865":
		return charmap.CodePage865
	case "866", "cp866", "csibm866", "ibm866":
		return charmap.CodePage866
	case "csisolatin6", "iso8859_10", "iso_8859_10", "iso_8859_10_1992", "iso_ir_157", "l6", "latin6":
		return charmap.ISO8859_10
	case "iso8859_13", "iso_8859_13", "l7", "latin7":
		return charmap.ISO8859_13
	case "iso8859_14", "iso_8859_14", "iso_8859_14_1998", "iso_celtic", "iso_ir_199", "l8", "latin8":
		return charmap.ISO8859_14
	case "iso8859_15", "iso_8859_15", "l9", "latin9":
		return charmap.ISO8859_15
	case "iso8859_16", "iso_8859_16", "iso_8859_16_2001", "iso_ir_226", "l10", "latin10":
		return charmap.ISO8859_16
	case "csisolatin2", "iso8859_2", "iso_8859_2", "iso_8859_2_1987", "iso_ir_101", "l2", "latin2":
		return charmap.ISO8859_2
	case "csisolatin3", "iso8859_3", "iso_8859_3", "iso_8859_3_1988", "iso_ir_109", "l3", "latin3":
		return charmap.ISO8859_3
	case "csisolatin4", "iso8859_4", "iso_8859_4", "iso_8859_4_1988", "iso_ir_110", "l4", "latin4":
		return charmap.ISO8859_4
	case "csisolatincyrillic", "cyrillic", "iso8859_5", "iso_8859_5", "iso_8859_5_1988", "iso_ir_144":
		return charmap.ISO8859_5
	case "arabic", "asmo_708", "csisolatinarabic", "ecma_114", "iso8859_6", "iso_8859_6", "iso_8859_6_1987", "iso_ir_127":
		return charmap.ISO8859_6
	case "csisolatingreek", "ecma_118", "elot_928", "greek", "greek8", "iso8859_7", "iso_8859_7", "iso_8859_7_1987", "iso_ir_126":
		return charmap.ISO8859_7
	case "csisolatinhebrew", "hebrew", "iso8859_8", "iso_8859_8", "iso_8859_8_1988", "iso_ir_138":
		return charmap.ISO8859_8
	case "csisolatin5", "iso8859_9", "iso_8859_9", "iso_8859_9_1989", "iso_ir_148", "l5", "latin5":
		return charmap.ISO8859_9
	case "cskoi8r", "koi8_r":
		return charmap.KOI8R
	case "koi8_u":
		return charmap.KOI8U
	case "mac_roman", "macintosh", "macroman":
		return charmap.Macintosh
	case "1250", "cp1250", "windows_1250":
		return charmap.Windows1250
	case "1251", "cp1251", "windows_1251":
		return charmap.Windows1251
	case "1252", "cp1252", "windows_1252":
		return charmap.Windows1252
	case "1253", "cp1253", "windows_1253":
		return charmap.Windows1253
	case "1254", "cp1254", "windows_1254":
		return charmap.Windows1254
	case "1255", "cp1255", "windows_1255":
		return charmap.Windows1255
	case "1256", "cp1256", "windows_1256":
		return charmap.Windows1256
	case "1257", "cp1257", "windows_1257":
		return charmap.Windows1257
	case "1258", "cp1258", "windows_1258":
		return charmap.Windows1258
	case "cp874":
		return charmap.Windows874
	case "euc_jp", "eucjp", "u_jis", "ujis":
		return japanese.EUCJP
	case "csiso2022jp", "iso2022_jp", "iso2022jp", "iso_2022_jp":
		return japanese.ISO2022JP
	case "932", "cp932", "csshiftjis", "ms932", "ms_kanji", "mskanji", "s_jis", "shift_jis", "shiftjis", "sjis", "x_mac_japanese":
		return japanese.ShiftJIS
	case "949", "cp949", "euc_kr", "euckr", "korean", "ks_c_5601", "ks_c_5601_1987", "ks_x_1001", "ksc5601", "ksx1001", "ms949", "uhc", "x_mac_korean":
		return korean.EUCKR
	case "gb18030", "gb18030_2000":
		return simplifiedchinese.GB18030
	case "936", "chinese", "cp936", "csiso58gb231280", "euc_cn", "euccn", "eucgb2312_cn", "gb2312", "gb2312_1980", "gb2312_80", "gbk", "iso_ir_58", "ms936", "x_mac_simp_chinese":
		return simplifiedchinese.GBK
	case "hz", "hz_gb", "hz_gb_2312", "hzgb":
		return simplifiedchinese.HZGB2312
	case "big5", "big5_tw", "csbig5", "x_mac_trad_chinese":
		return traditionalchinese.Big5
	}
	return nil
}
