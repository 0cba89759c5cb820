from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('gpu', '0004_keeps_light_gpu'),
    ]

    operations = [
        migrations.AddField(
            model_name='gpudevice',
            name='looked_at',
            field=models.DateTimeField(blank=True, help_text='When somebody last put it back in service', null=True, verbose_name='looked at'),
        ),
        migrations.AddField(
            model_name='gpudevice',
            name='out_of_service',
            field=models.JSONField(blank=True, default=dict, help_text='Lanes that it failed at again and again: since when, and why'),
        ),
        migrations.AlterField(
            model_name='systemsettings',
            name='keeps_light_gpu',
            field=models.BooleanField(default=True, help_text='With two GPUs or more: the smallest one takes no heavy work, so thumbnails hardly wait. Off: every GPU takes everything, and heavy work ends sooner; a turntable still lets thumbnails in between two frames. A GPU whose queue is called asset_pipeline_light stays the light one.', verbose_name='keep a GPU for light work'),
        ),
    ]
