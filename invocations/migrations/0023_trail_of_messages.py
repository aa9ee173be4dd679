from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invocations", "0022_http_status")]

    operations = [
        migrations.AddField("account", "records_messages", models.BooleanField(default=False)),
        migrations.AddField("trailevent", "category", models.CharField(default="management", max_length=16)),
    ]
