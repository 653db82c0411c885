using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Edge;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Edge;

/// <summary>Numbers in a caller's own JSON: what a double keeps is accepted and read back as it was answered; the rest is refused where it stands.</summary>
public sealed class JsonNumbersTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e5", "0")]
    [InlineData("0e99999999999", "0")]
    [InlineData("1.0", "1")]
    [InlineData("-1.50", "-1.5")]
    [InlineData("1e2", "100")]
    [InlineData("100E-2", "1")]
    [InlineData("0.1", "0.1")]
    [InlineData("0.10000000000000001", "0.1")]
    [InlineData("3.1415926535897931", "3.141592653589793")]
    [InlineData("9007199254740992", "9007199254740992")]
    [InlineData("9007199254740993", null)]
    [InlineData("9007199254740994", "9007199254740994")]
    [InlineData("-9007199254740993", null)]
    [InlineData("123456789012345678", null)]
    [InlineData("1e22", "1E+22")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157E+308")]
    [InlineData("1.7976931348623159e308", null)]
    [InlineData("1e400", null)]
    [InlineData("-1e400", null)]
    [InlineData("1e99999999999", null)]
    [InlineData("1e-99999999999", null)]
    [InlineData("5e-324", "5E-324")]
    [InlineData("1e-324", null)]
    [InlineData("0.1000000000000000055511151231257827", null)]
    [InlineData("3.141592653589793238", null)]
    public void A_number_is_kept_by_a_double_or_refused(string text, string? kept)
    {
        var isKept = JsonNumbers.TryRead(text, out var number);
        isKept.Should().Be(kept is not null);
        if (kept is not null) { JsonValue.Create(number).ToJsonString().Should().Be(kept); }
    }

    [Fact]
    public void Whatever_is_kept_names_the_same_number_as_was_sent() => Generated.Check(
        from whole in Gen.Choose(-2_000_000_000, 2_000_000_000)
        from more in Gen.Choose(0, 9_999_999)
        from decimals in Gen.Choose(0, 20)
        from exponent in Gen.OneOf(Gen.Choose(-30, 30), Gen.Choose(-330, 330))
        select (Whole: whole, More: more, Decimals: decimals, Exponent: exponent),
        made =>
        {
            var digits = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs((long)made.Whole)}{made.More}").TrimStart('0').PadLeft(made.Decimals + 1, '0');
            var text = $"{(made.Whole < 0 ? "-" : "")}{digits[..^made.Decimals]}{(made.Decimals == 0 ? "" : "." + digits[^made.Decimals..])}e{made.Exponent.ToString(CultureInfo.InvariantCulture)}";
            var isKept = JsonNumbers.TryRead(text, out var number);
            var isSame = double.IsFinite(number) && new[] { "R", "E16" }.Any(form => Rational(text) == Rational(number.ToString(form, CultureInfo.InvariantCulture)));
            isKept.Should().Be(isSame, text);
        }, count: 2_000);

    [Fact]
    public void Every_double_is_kept_as_it_is_written() => Generated.Check(
        from high in Gen.Choose(int.MinValue, int.MaxValue) from low in Gen.Choose(int.MinValue, int.MaxValue) select BitConverter.Int64BitsToDouble(((long)high << 32) | (uint)low),
        number =>
        {
            if (!double.IsFinite(number)) { return; }
            JsonNumbers.TryRead(JsonSerializer.Serialize(number), out var read).Should().BeTrue();
            read.Should().Be(number);
        }, count: 2_000);

    /// <summary>The JSON number as a reduced fraction.</summary>
    private static (BigInteger Over, BigInteger Under) Rational(string text)
    {
        var parts = text.Split('e', 'E');
        var (digits, point) = (parts[0].Replace(".", "", StringComparison.Ordinal), parts[0].IndexOf('.', StringComparison.Ordinal));
        var power = (parts.Length == 1 ? 0 : int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) - (point < 0 ? 0 : parts[0].Length - point - 1);
        var (over, under) = (BigInteger.Parse(digits, CultureInfo.InvariantCulture) * BigInteger.Pow(10, Math.Max(0, power)), BigInteger.Pow(10, Math.Max(0, -power)));
        var common = BigInteger.GreatestCommonDivisor(over, under);
        return (over / common, under / common);
    }
}
