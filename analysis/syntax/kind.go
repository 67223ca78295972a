package syntax

// Kind is the kind of a node: the named kinds of the Python grammar.
type Kind uint8

// Field is the role of a node in its parent.
type Field uint8

const (
	// Token is any anonymous token: punctuation and keywords.
	Token Kind = iota
	// Error is a place that the parser could not fit into the grammar.
	Error
	AliasedImport
	ArgumentList
	AsPattern
	AssertStatement
	Assignment
	Attribute
	AugmentedAssignment
	Await
	BinaryOperator
	Block
	BooleanOperator
	BreakStatement
	Call
	CaseClause
	CasePattern
	Chevron
	ClassDefinition
	ClassPattern
	Comment
	ComparisonOperator
	ComplexPattern
	ConcatenatedString
	ConditionalExpression
	ConstrainedType
	ContinueStatement
	DecoratedDefinition
	Decorator
	DefaultParameter
	DeleteStatement
	DictPattern
	Dictionary
	DictionaryComprehension
	DictionarySplat
	DictionarySplatPattern
	DottedName
	ElifClause
	Ellipsis
	ElseClause
	EscapeInterpolation
	EscapeSequence
	ExceptClause
	ExecStatement
	ExpressionList
	ExpressionStatement
	False
	FinallyClause
	Float
	ForInClause
	ForStatement
	FormatExpression
	FormatSpecifier
	FunctionDefinition
	FutureImportStatement
	GeneratorExpression
	GenericType
	GlobalStatement
	Identifier
	IfClause
	IfStatement
	ImportFromStatement
	ImportPrefix
	ImportStatement
	Integer
	Interpolation
	KeywordArgument
	KeywordPattern
	KeywordSeparator
	Lambda
	LambdaParameters
	LineContinuation
	List
	ListComprehension
	ListPattern
	ListSplat
	ListSplatPattern
	MatchStatement
	MemberType
	Module
	NamedExpression
	None
	NonlocalStatement
	NotOperator
	Pair
	Parameters
	ParenthesizedExpression
	ParenthesizedListSplat
	PassStatement
	PatternList
	PositionalSeparator
	PrintStatement
	RaiseStatement
	RelativeImport
	ReturnStatement
	Set
	SetComprehension
	Slice
	SplatPattern
	SplatType
	String
	StringContent
	StringEnd
	StringStart
	Subscript
	True
	TryStatement
	Tuple
	TuplePattern
	Type
	TypeAliasStatement
	TypeConversion
	TypeParameter
	TypedDefaultParameter
	TypedParameter
	UnaryOperator
	UnionPattern
	UnionType
	WhileStatement
	WildcardImport
	WithClause
	WithItem
	WithStatement
	Yield
)

const (
	NoField Field = iota
	FieldAlias
	FieldAlternative
	FieldArgument
	FieldArguments
	FieldAttribute
	FieldBody
	FieldCause
	FieldCode
	FieldCondition
	FieldConsequence
	FieldDefinition
	FieldExpression
	FieldFormatSpecifier
	FieldFunction
	FieldGuard
	FieldKey
	FieldLeft
	FieldModuleName
	FieldName
	FieldObject
	FieldOperator
	FieldOperators
	FieldParameters
	FieldReturnType
	FieldRight
	FieldSubject
	FieldSubscript
	FieldSuperclasses
	FieldType
	FieldTypeConversion
	FieldTypeParameters
	FieldValue
)

var kindNames = map[string]Kind{
	"ERROR":                    Error,
	"aliased_import":           AliasedImport,
	"argument_list":            ArgumentList,
	"as_pattern":               AsPattern,
	"assert_statement":         AssertStatement,
	"assignment":               Assignment,
	"attribute":                Attribute,
	"augmented_assignment":     AugmentedAssignment,
	"await":                    Await,
	"binary_operator":          BinaryOperator,
	"block":                    Block,
	"boolean_operator":         BooleanOperator,
	"break_statement":          BreakStatement,
	"call":                     Call,
	"case_clause":              CaseClause,
	"case_pattern":             CasePattern,
	"chevron":                  Chevron,
	"class_definition":         ClassDefinition,
	"class_pattern":            ClassPattern,
	"comment":                  Comment,
	"comparison_operator":      ComparisonOperator,
	"complex_pattern":          ComplexPattern,
	"concatenated_string":      ConcatenatedString,
	"conditional_expression":   ConditionalExpression,
	"constrained_type":         ConstrainedType,
	"continue_statement":       ContinueStatement,
	"decorated_definition":     DecoratedDefinition,
	"decorator":                Decorator,
	"default_parameter":        DefaultParameter,
	"delete_statement":         DeleteStatement,
	"dict_pattern":             DictPattern,
	"dictionary":               Dictionary,
	"dictionary_comprehension": DictionaryComprehension,
	"dictionary_splat":         DictionarySplat,
	"dictionary_splat_pattern": DictionarySplatPattern,
	"dotted_name":              DottedName,
	"elif_clause":              ElifClause,
	"ellipsis":                 Ellipsis,
	"else_clause":              ElseClause,
	"escape_interpolation":     EscapeInterpolation,
	"escape_sequence":          EscapeSequence,
	"except_clause":            ExceptClause,
	"exec_statement":           ExecStatement,
	"expression_list":          ExpressionList,
	"expression_statement":     ExpressionStatement,
	"false":                    False,
	"finally_clause":           FinallyClause,
	"float":                    Float,
	"for_in_clause":            ForInClause,
	"for_statement":            ForStatement,
	"format_expression":        FormatExpression,
	"format_specifier":         FormatSpecifier,
	"function_definition":      FunctionDefinition,
	"future_import_statement":  FutureImportStatement,
	"generator_expression":     GeneratorExpression,
	"generic_type":             GenericType,
	"global_statement":         GlobalStatement,
	"identifier":               Identifier,
	"if_clause":                IfClause,
	"if_statement":             IfStatement,
	"import_from_statement":    ImportFromStatement,
	"import_prefix":            ImportPrefix,
	"import_statement":         ImportStatement,
	"integer":                  Integer,
	"interpolation":            Interpolation,
	"keyword_argument":         KeywordArgument,
	"keyword_pattern":          KeywordPattern,
	"keyword_separator":        KeywordSeparator,
	"lambda":                   Lambda,
	"lambda_parameters":        LambdaParameters,
	"line_continuation":        LineContinuation,
	"list":                     List,
	"list_comprehension":       ListComprehension,
	"list_pattern":             ListPattern,
	"list_splat":               ListSplat,
	"list_splat_pattern":       ListSplatPattern,
	"match_statement":          MatchStatement,
	"member_type":              MemberType,
	"module":                   Module,
	"named_expression":         NamedExpression,
	"none":                     None,
	"nonlocal_statement":       NonlocalStatement,
	"not_operator":             NotOperator,
	"pair":                     Pair,
	"parameters":               Parameters,
	"parenthesized_expression": ParenthesizedExpression,
	"parenthesized_list_splat": ParenthesizedListSplat,
	"pass_statement":           PassStatement,
	"pattern_list":             PatternList,
	"positional_separator":     PositionalSeparator,
	"print_statement":          PrintStatement,
	"raise_statement":          RaiseStatement,
	"relative_import":          RelativeImport,
	"return_statement":         ReturnStatement,
	"set":                      Set,
	"set_comprehension":        SetComprehension,
	"slice":                    Slice,
	"splat_pattern":            SplatPattern,
	"splat_type":               SplatType,
	"string":                   String,
	"string_content":           StringContent,
	"string_end":               StringEnd,
	"string_start":             StringStart,
	"subscript":                Subscript,
	"true":                     True,
	"try_statement":            TryStatement,
	"tuple":                    Tuple,
	"tuple_pattern":            TuplePattern,
	"type":                     Type,
	"type_alias_statement":     TypeAliasStatement,
	"type_conversion":          TypeConversion,
	"type_parameter":           TypeParameter,
	"typed_default_parameter":  TypedDefaultParameter,
	"typed_parameter":          TypedParameter,
	"unary_operator":           UnaryOperator,
	"union_pattern":            UnionPattern,
	"union_type":               UnionType,
	"while_statement":          WhileStatement,
	"wildcard_import":          WildcardImport,
	"with_clause":              WithClause,
	"with_item":                WithItem,
	"with_statement":           WithStatement,
	"yield":                    Yield,
}

var fieldNames = map[string]Field{
	"alias":            FieldAlias,
	"alternative":      FieldAlternative,
	"argument":         FieldArgument,
	"arguments":        FieldArguments,
	"attribute":        FieldAttribute,
	"body":             FieldBody,
	"cause":            FieldCause,
	"code":             FieldCode,
	"condition":        FieldCondition,
	"consequence":      FieldConsequence,
	"definition":       FieldDefinition,
	"expression":       FieldExpression,
	"format_specifier": FieldFormatSpecifier,
	"function":         FieldFunction,
	"guard":            FieldGuard,
	"key":              FieldKey,
	"left":             FieldLeft,
	"module_name":      FieldModuleName,
	"name":             FieldName,
	"object":           FieldObject,
	"operator":         FieldOperator,
	"operators":        FieldOperators,
	"parameters":       FieldParameters,
	"return_type":      FieldReturnType,
	"right":            FieldRight,
	"subject":          FieldSubject,
	"subscript":        FieldSubscript,
	"superclasses":     FieldSuperclasses,
	"type":             FieldType,
	"type_conversion":  FieldTypeConversion,
	"type_parameters":  FieldTypeParameters,
	"value":            FieldValue,
}
