using System.Buffers.Binary;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>An instance whose clock differs from the one that all share.</summary>
public sealed class ClockSkewTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0.2, 0, 0)]
    [InlineData(0.9, 1.1, 0, 0)]
    [InlineData(90, 90.2, 0, 89)]
    [InlineData(-90, -89.8, 0, -89.8)]
    [InlineData(-3, 3, 0, 0)]
    public void A_clock_is_off_by_what_cannot_be_the_answers_time_on_the_way(double sent, double received, double date, double ahead) =>
        ClockWatch.Between(Noon.AddSeconds(sent), Noon.AddSeconds(received), Noon.AddSeconds(date)).TotalSeconds.Should().BeApproximately(ahead, 0.001);

    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    public async Task An_instance_whose_clock_is_off_takes_no_account_until_it_is_right_again(int seconds)
    {
        var file = Path.GetTempFileName();
        try
        {
            Write(file, TimeSpan.Zero);
            await using var app = await App.StartWithoutSchedules("--setting", $"Clock__OffsetFile={file}");
            var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
            var before = await account.Current();
            await app.Cloud.Advance(RotatedAccount.Interval);
            Write(file, RotatedAccount.Interval + TimeSpan.FromSeconds(seconds));

            (await app.Cloud.RunTimer("RotateServiceAccountKeys"))["returnValue"].Should().BeNull("the run has failed");
            (await app.Admin.Post(account.Path + "/rotate", new { mode = "emergency", reason = "tests" })).ShouldBe(503);
            (await account.Current()).Should().Be(before);
            (await account.Document()).Should().NotContainKey("leasedUntil");

            Write(file, RotatedAccount.Interval);
            (await app.Cloud.RunTimer("RotateServiceAccountKeys"))["returnValue"]!.ToJsonString().Should().Be("""{"rotated":1}""");
        }
        finally { File.Delete(file); }
    }

    private static void Write(string file, TimeSpan offset)
    {
        Span<byte> ticks = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(ticks, offset.Ticks);
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        stream.Write(ticks);
    }
}
