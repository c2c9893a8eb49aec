"""How Brazil writes numbers and dates."""

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
NUMBER_GROUPING = 3
SHORT_DATE_FORMAT = "d/m/Y"
DATE_FORMAT = "j \\d\\e F \\d\\e Y"
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d%m%Y"]
SHORT_DATETIME_FORMAT = "d/m/Y H:i"
