"""Fields are spelled as Django and CSS spell them. What the rows hold, and the recipes made of it, stays as it is."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rendering", "0002_defaults")]
    operations = [
        migrations.RenameField("outputtype", "background_colour", "background_color"),
        migrations.RenameField("outputtype", "gradient_colour", "gradient_color"),
        migrations.RenameField("finish", "colour", "color"),
        migrations.RenameField("materialrule", "colours", "colors"),
        migrations.RenameField("environment", "licence", "license"),
        migrations.AlterField(
            model_name='finish',
            name='color',
            field=models.CharField(default='#bcbcbc', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-f]{6}\\Z', 'Write the color as #rrggbb, in small letters.')], verbose_name='own color'),
        ),
        migrations.AlterField(
            model_name='finish',
            name='tint',
            field=models.FloatField(default=1.0, help_text='How much of the CAD color shows: 0 none, 1 nothing else', validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1)], verbose_name='CAD color'),
        ),
        migrations.AlterField(
            model_name='materialrule',
            name='colors',
            field=models.CharField(blank=True, help_text='Tones or #rrggbb separated by commas, one is enough. Tones: clear, dark, gray, light, white, yellow (brass), copper, color (saturated). Parts without a color are gray.', max_length=200, verbose_name='CAD color'),
        ),
        migrations.AlterField(
            model_name='outputtype',
            name='background',
            field=models.CharField(choices=[('transparent', 'Transparent'), ('colour', 'Color'), ('gradient', 'Gradient')], default='colour', max_length=11),
        ),
        migrations.AlterField(
            model_name='outputtype',
            name='background_color',
            field=models.CharField(default='#ffffff', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Write the color as #rrggbb.')]),
        ),
        migrations.AlterField(
            model_name='outputtype',
            name='gradient_color',
            field=models.CharField(default='#d8dbe0', help_text='At the bottom of a gradient; the background color is at its top', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-fA-F]{6}$', 'Write the color as #rrggbb.')]),
        ),
        migrations.AlterField(
            model_name='outputtype',
            name='materials',
            field=models.CharField(choices=[('rules', 'By the material rules'), ('cad', 'Matte, in CAD colors'), ('clay', 'Clay')], default='rules', max_length=5),
        ),
        migrations.AlterField(
            model_name='outputtype',
            name='view_transform',
            field=models.CharField(choices=[('Standard', 'Standard'), ('AgX', 'AgX'), ('Khronos PBR Neutral', 'Khronos PBR Neutral')], default='Khronos PBR Neutral', max_length=20, verbose_name='color transform'),
        ),
        migrations.AlterConstraint(
            model_name='outputtype',
            name='outputtype_opaque_format_has_background',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('format__in', ('jpg', 'mp4')), _negated=True), models.Q(('background', 'transparent'), _negated=True), _connector='OR'), name='outputtype_opaque_format_has_background', violation_error_message='JPEG and MP4 have no transparency: choose a color or gradient background.'),
        ),
    ]
