using System.Text;
using CustomerFunctions.Exports;

namespace CustomerFunctions.Tests.Exports;

public sealed class CsvTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("Ada", "Ada")]
    [InlineData("Lovelace, Ada", "\"Lovelace, Ada\"")]
    [InlineData("the \"first\"", "\"the \"\"first\"\"\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData(" padded ", "\" padded \"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+4930123456", "'+4930123456")]
    [InlineData("-2", "'-2")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("  =1,2", "\"'  =1,2\"")]
    [InlineData("＝1", "'＝1")]
    [InlineData("a=b", "a=b")]
    public void A_field_is_quoted_by_RFC_4180_and_is_no_formula(string? value, string field) =>
        Encoding.UTF8.GetString(Csv.Line("x", value, "y")).Should().Be($"x,{field},y\r\n");
}
